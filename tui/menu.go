package tui

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// tab is one of the words in the row above a page: a part of the page, or one of the lists of everything.
type tab struct {
	screen.Tab
	place screen.Place
}

// tabs are the parts of the page; on a list of everything, which has none, the other lists.
func (a *App) tabs() []tab {
	v := a.visit()
	if v.page != nil && len(v.page.Tabs) > 0 {
		tabs := make([]tab, len(v.page.Tabs))
		for i, t := range v.page.Tabs {
			tabs[i] = tab{t, v.place.WithTab(t.ID)}
		}
		return tabs
	}
	if a.world == nil || !slices.Contains(a.kinds, v.place.Kind) {
		return nil
	}
	tabs := make([]tab, len(a.kinds))
	for i, k := range a.kinds {
		tabs[i] = tab{screen.Tab{ID: string(k), Title: k.Title()}, screen.Place{Kind: k}}
	}
	return tabs
}

// tabAt is the number of the tab that is open.
func (a *App) tabAt(tabs []tab) int {
	at := a.visit().place
	open := func(t tab) bool { return t.place.Kind == at.Kind && t.place.Tab == at.Tab }
	return max(slices.IndexFunc(tabs, open), 0)
}
