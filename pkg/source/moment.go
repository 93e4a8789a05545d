package source

import (
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Moment is what is known of a source at one moment. Moments share their objects, none of which ever changes.
type Moment struct {
	// Snapshot holds roles, bindings and what goes with them; nil until they were read.
	Snapshot *rbac.Snapshot
	// Inventory holds the other objects, as far as they were read; nil until the snapshot is there.
	Inventory *inventory.Inventory
	// Progress is how far the reading is, a line a kind, in an order that stays.
	Progress []Progress
	// Complete says that everything was read that can be.
	Complete bool
	Link     Link
}

// Progress is how far the reading of one kind is.
type Progress struct {
	// What is the resource: "rolebindings".
	What  string
	Count int
	Done  bool
}

// Link says how a moment is kept current.
type Link struct {
	State LinkState
	// Since is when the state began, Cause why the connection was lost.
	Since time.Time
	Cause string
}

// LinkState is one of the constants below.
type LinkState string

// The states of a link.
const (
	// Still is what does not change by itself: manifests and snapshots.
	Still LinkState = "still"
	// Loading is before everything was read for the first time.
	Loading LinkState = "loading"
	// Watching hears of every change.
	Watching LinkState = "live"
	// Polling reads again now and then, because some kinds may be listed but not watched.
	Polling LinkState = "polling"
	// Lost shows what was there before the connection broke, and is trying to get it back.
	Lost LinkState = "lost"
)
