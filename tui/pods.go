package tui

import (
	tea "charm.land/bubbletea/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// podsMsg brings the pods of a namespace.
type podsMsg struct {
	namespace string
	pods      []*corev1.Pod
	err       error
}

// fetchPods asks for the pods that a page shows, once: they are not watched.
func (a *App) fetchPods(p screen.Place) tea.Cmd {
	namespace := p.Subject.Namespace
	if p.Kind != screen.Subject || namespace == "" || a.world == nil || a.world.PodsKnown(namespace) || a.asked[namespace] {
		return nil
	}
	a.asked[namespace] = true
	ctx, from := a.ctx, a.options.Source
	return func() tea.Msg {
		pods, err := from.Pods(ctx, namespace)
		return podsMsg{namespace, pods, err}
	}
}

// tookPods adds pods to the world, and to those that follow.
func (a *App) tookPods(msg podsMsg) tea.Cmd {
	a.pods = a.pods.With(msg.namespace, msg.pods, msg.err)
	delete(a.asked, msg.namespace)
	a.world = a.world.WithPods(a.pods)
	return a.build(a.visit(), true)
}
