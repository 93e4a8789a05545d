package profile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Description is everything about one workspace.
type Description struct {
	Name    string           `json:"name"`
	Flavor  workspace.Flavor `json:"flavor"`
	Owner   rbac.Subject     `json:"owner"`
	Status  workspace.Status `json:"status"`
	Created time.Time        `json:"created,omitzero"`
	// Labels and Annotations are those of the namespace, whoever set them.
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Plugins     []PluginState     `json:"plugins,omitempty"`
	Objects     []ObjectState     `json:"objects"`
	Quota       []Usage           `json:"quota"`
	// Members are all of them, the owner included.
	Members []workspace.Member `json:"-"`
	// Holds is what would be lost with the workspace.
	Holds Losses `json:"holds"`
	// Events are the recent ones of the namespace and of the Profile, the newest first.
	Events []Event `json:"events,omitempty"`
	// Notes are remarks, one a line. What could not be read is no part of them: the gaps of the inventory say so.
	Notes []string `json:"notes,omitempty"`
}

// PluginState is a plugin of a Kubeflow profile.
type PluginState struct {
	Kind string         `json:"kind"`
	Spec map[string]any `json:"spec,omitempty"`
	// Problem is empty when Kubeflow's controller knows what to do with it.
	Problem string `json:"problem,omitempty"`
}

// Event is something that happened.
type Event struct {
	// Last is when it happened last, Count how often.
	Last    time.Time `json:"last,omitzero"`
	Count   int32     `json:"count"`
	Type    string    `json:"type"`
	Reason  string    `json:"reason"`
	Object  string    `json:"object"` // "pod/x"
	Message string    `json:"message"`
}

// maxEvents is how many events a description has: the API server keeps them for an hour, and there may be thousands.
const maxEvents = 20

// Describe returns everything about one workspace that was read. What was not read is not guessed: see
// [ObjectState.State].
func Describe(s *workspace.State, name string) (*Description, error) {
	w, err := find(s, name)
	if err != nil {
		return nil, err
	}
	out := &Description{
		Name: w.Name, Flavor: w.Flavor, Owner: w.Owner, Status: w.Status, Created: w.Created,
		Objects: objectStates(s, &w), Members: w.Members, Holds: lossesOf(s, &w), Events: events(s.Inventory.Events, name),
	}
	if w.Namespace != nil {
		out.Labels = merged(w.Namespace.Labels, nil)
		out.Annotations = merged(w.Namespace.Annotations, nil)
		delete(out.Annotations, corev1.LastAppliedConfigAnnotation)
	}
	rows, notes := UsageOf(s, &w)
	if out.Quota = rows; len(s.Inventory.Missing(inventory.Quotas)) == 0 {
		out.Notes = notes // else the gaps say so
	}
	if w.Profile != nil {
		read, err := kubeflow.ReadProfile(w.Profile)
		if err != nil {
			out.Notes = append(out.Notes, err.Error())
		}
		for _, p := range read.Plugins {
			state := PluginState{Kind: p.Kind, Spec: p.Spec}
			if err := kubeflow.CheckPlugin(p); err != nil {
				state.Problem = err.Error()
			}
			out.Plugins = append(out.Plugins, state)
		}
	}
	return out, nil
}

// events returns the newest events that concern a workspace, the newest first.
func events(all []*corev1.Event, name string) []Event {
	var out []Event
	for _, e := range all {
		kind := strings.ToLower(e.InvolvedObject.Kind)
		own := (kind == "profile" || kind == "namespace") && e.InvolvedObject.Name == name
		if e.Namespace != name && !own {
			continue
		}
		out = append(out, Event{
			Last: lastSeen(e), Count: max(e.Count, 1), Type: e.Type, Reason: e.Reason,
			Object: kind + "/" + e.InvolvedObject.Name, Message: e.Message,
		})
		if series := e.Series; series != nil {
			out[len(out)-1].Count = max(series.Count, 1)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Message, b.Message))
	})
	return out[:min(len(out), maxEvents)]
}

// lastSeen returns when an event happened last. Which field says so depends on which API wrote it.
func lastSeen(e *corev1.Event) time.Time {
	last := e.LastTimestamp.Time
	if e.Series != nil && e.Series.LastObservedTime.After(last) {
		last = e.Series.LastObservedTime.Time
	}
	for _, t := range []time.Time{e.EventTime.Time, e.FirstTimestamp.Time, e.CreationTimestamp.Time} {
		if last.IsZero() {
			last = t
		}
	}
	return last.UTC()
}

// wasRead reports whether a kind was asked for and read whole.
func wasRead(s *workspace.State, kind inventory.Kind) bool {
	return s.Inventory.Served[kind] && len(s.Inventory.Missing(kind)) == 0
}
