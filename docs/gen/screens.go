package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/docs/picture"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// The size of the pictures of screens, in cells.
const (
	screenWidth  = 120
	screenHeight = 26
)

// guests are grants that end, which the company itself has none of.
const guests = "examples/guests"

// today is the day of the pictures.
func today() time.Time { return time.Date(2027, 1, 28, 9, 0, 0, 0, time.UTC) }

// scene is what is done before a picture is taken.
type scene struct {
	name string
	// palette is typed into the palette, and its first hit opened. Then keys are pressed, text is typed, where "\t" and "\n"
	// are keys too, and more keys are pressed.
	palette string
	keys    []string
	text    string
	then    []string
}

// screens returns the pictures of the browser on the example company, by the names of files. Each goes on from where the
// one before has ended.
func screens() (map[string][]byte, error) {
	pages := map[string][]byte{}
	read := tui.Options{
		Source: &stills{from: []string{example}, link: source.Still},
		Frame:  world.Frame{Context: example, Offline: true, ReadOnly: true, From: []string{example}},
	}
	if err := play(pages, read,
		scene{name: "namespaces"},
		scene{name: "workspace", palette: "team-vision", keys: []string{"down"}},
		scene{name: "access", palette: "team-vision", keys: []string{"3", "down", "down", "down"}},
		scene{name: "role", palette: "kubeflow-edit", keys: []string{"down", "down", "down", "down", "down", "down", "down"}},
		scene{name: "whocan", keys: []string{"w"}, text: "get secrets -n team-vision\n", then: []string{"down"}},
		scene{name: "whynot", keys: []string{"w", "ctrl+u"}, text: "why not bob@acme.example delete pods -n team-nlp\n"},
		scene{name: "findings", palette: "findings", keys: []string{"down", "down", "down", "down", "down", "down"}},
		scene{name: "palette", palette: "namespaces", keys: []string{":"}, text: "vision"},
	); err != nil {
		return nil, err
	}
	with := []string{example, guests}
	write := tui.Options{
		Source:  &stills{from: with, link: source.Watching},
		Frame:   world.Frame{Context: "acme", Namespace: "team-vision"},
		Changes: change.New(standIn{from: with}, today, "kubectl-gatehouse"),
	}
	return pages, play(pages, write,
		scene{name: "grants", palette: "grants"},
		scene{name: "preview", palette: "team-vision", keys: []string{"a"}, text: "frank@acme.example\tviewer\t7d\n"},
	)
}

// play plays scenes, and adds a picture of each.
func play(pages map[string][]byte, options tui.Options, scenes ...scene) error {
	options.Clock = clocktesting.NewFakeClock(today())
	stage, err := tui.NewStage(context.Background(), options, screenWidth, screenHeight)
	if err != nil {
		return fmt.Errorf("draw screens: %w", err)
	}
	for _, s := range scenes {
		if s.palette != "" {
			stage.Press(":")
			stage.Type(s.palette)
			stage.Press("enter")
		}
		stage.Press(s.keys...)
		for _, r := range s.text {
			switch r {
			case '\n':
				stage.Press("enter")
			case '\t':
				stage.Press("tab")
			default:
				stage.Type(string(r))
			}
		}
		stage.Press(s.then...)
		pages["gatehouse-"+s.name+".svg"] = picture.SVG(stage.View(), screenWidth, screenHeight)
	}
	return nil
}

// stills are files as a source, which says of itself how current it is.
type stills struct {
	from []string
	link source.LinkState
}

func (s *stills) Run(ctx context.Context, publish func(source.Moment)) error {
	moment, err := source.FileMoment(ctx, s.from, source.FilesOptions{}, world.Want())
	if err == nil {
		moment.Link.State = s.link
		publish(moment)
	}
	return err
}

func (s *stills) Self(context.Context) (rbac.Identity, error) {
	if s.link == source.Still {
		return rbac.Identity{}, nil
	}
	return rbac.NewIdentity(rbac.User("dana@acme.example")), nil
}

func (*stills) Pods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

func (*stills) Save(string, *rbac.Snapshot) error { return nil }
