// Package tui is the browser: a terminal program in which people move between namespaces, roles, bindings, subjects and
// grants, see who may do what and why, and give or take access with a preview.
//
// The only model of Bubble Tea is [App]. What screens show is made by package screen out of a package world's World, tables
// are drawn by package grid, and what opens above a page is in package dialog. Nothing in the loop that answers keys waits:
// reading, compiling, building, sorting and writing run beside it, and what comes too late is dropped.
package tui

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// Source is where the browser's data come from. Its methods may be called from several goroutines.
type Source interface {
	// Run gives publish every new state, by one goroutine at a time, until ctx ends. It returns an error when nothing can be
	// read at all.
	Run(ctx context.Context, publish func(source.Moment)) error
	// Self says who is asking, as the source sees him; the zero value when nobody does, as with manifests.
	Self(ctx context.Context) (rbac.Identity, error)
	// Pods returns the pods of a namespace, which are not kept current.
	Pods(ctx context.Context, namespace string) ([]*corev1.Pod, error)
	// Save writes a snapshot file.
	Save(path string, s *rbac.Snapshot) error
}
