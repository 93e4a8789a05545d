// Package screen says what the screens of the browser show, as data: a [Place] is the address of a page, and [Build]
// makes the [Page] of a place out of a [world.World]. Pages know no terminal, no keys and no colours, so that what is on a
// screen can be tested without one, and be exported as it is.
//
// Building is pure and may take a while on a huge cluster: it is done off the loop that answers keys. What a page hands
// out later, cell by cell, is cheap.
package screen

import (
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// Kind is a kind of page. The values are the words of the palette.
type Kind string

// The kinds of pages. Those in the first group are lists of everything, which need nothing else in their place.
const (
	Namespaces   Kind = "namespaces"
	Grants       Kind = "grants"
	Roles        Kind = "roles"
	Bindings     Kind = "bindings"
	Subjects     Kind = "subjects"
	WhoCan       Kind = "whocan" // Query
	Findings     Kind = "findings"
	Queues       Kind = "queues"
	ClusterAuths Kind = "clusterauthentications"
	Clusters     Kind = "clusters" // k0rdent's ClusterDeployments

	Workspace   Kind = "workspace" // Name: a namespace, workspace or not
	Role        Kind = "role"      // Name, and Namespace unless it is a ClusterRole
	Binding     Kind = "binding"   // Name, and Namespace unless it is a ClusterRoleBinding
	Subject     Kind = "subject"   // Subject
	Token       Kind = "token"     // Name: the id of a token, and Namespace unless it is Kalm's
	Finding     Kind = "finding"   // Name: the key of world.Finding
	Queue       Kind = "queue"     // Name, and Namespace unless it is a ClusterQueue
	ClusterAuth Kind = "clusterauthentication"
	Cluster     Kind = "cluster"
)

// Place is the address of a page. It is comparable. Fields that the kind has no use for are empty.
type Place struct {
	Kind      Kind
	Namespace string
	Name      string
	Subject   rbac.Subject
	// Query is what was asked, in the words of "kubectl whocan": "get secrets -n team-vision"; on the access tab of a
	// workspace the resource that its matrix is about: "pods/exec".
	Query string
	// Tab is the id of the tab that is open; empty for the first.
	Tab string
}

// Zero reports whether the place is none.
func (p Place) Zero() bool { return p.Kind == "" }

// WithTab returns the place with another tab open.
func (p Place) WithTab(tab string) Place {
	p.Tab = tab
	return p
}

// Tone says what a text means. A tone never says anything alone: what it means stands in words or signs too.
type Tone uint8

// The tones.
const (
	Plain  Tone = iota
	Quiet       // of less weight than what is beside it
	Strong      // what the row is about
	Good
	Warn
	Bad
)

// Cell is one cell of a table.
type Cell struct {
	// Text is raw: names are data, and whoever draws it makes control characters visible.
	Text string
	Tone Tone
	// Number orders cells where it is set in all of a column; texts order the others. NaN comes last in either order.
	Number float64
	// Bar is a share from 0 to 1 (or more) that is drawn as a bar in front of the text, when HasBar is set.
	Bar    float64
	HasBar bool
}

// Column is the head of a column.
type Column struct {
	Name string
	// Right aligns to the right; Numeric sorts by Cell.Number, largest first at the first press.
	Right, Numeric bool
	// Min is the least width in cells at which the column is of use; Drop is the order in which columns are left out
	// where there is no room: the highest first, 0 never.
	Min, Drop int
	// Shrink says that the column may be cut to Min before others are dropped.
	Shrink bool
	// Drifts says that time alone changes what the column shows, as an age: that is no news about its rows.
	Drifts bool
}

// Page is what is shown at a place.
type Page struct {
	Place Place
	// Title heads the page: "role team-vision/deployer".
	Title string
	// Facts stand above the rest, a few words each.
	Facts []Fact
	// Tabs are empty when the page has one part only.
	Tabs []Tab
	// A page has a list, or a text, or both: then the text stands below the list.
	List *List
	Text *Text
	// Notes are remarks that must not be missed: what could not be read, what was folded. One line each.
	Notes []string
	// Command is the kubectl command that shows the same; empty when there is none.
	Command string
	// Wishes are the changes that can be asked for on the page, whichever row is chosen.
	Wishes []change.Wish
	// Later works out what the page leaves open; nil when it is whole. It takes a while. A page of the same place and world
	// that is built after it has everything.
	Later func()
}

// Fact is a name and a value.
type Fact struct {
	Name, Value string
	Tone        Tone
	// Open is where the value leads; zero for nowhere.
	Open Place
}

// Tab is a part of a page.
type Tab struct {
	ID, Title string
	// Badge is a count or a mark behind the title; empty for none.
	Badge string
	Tone  Tone
}

// Text is lines to read and scroll: a proof tree, a rule, a description.
type Text struct{ Lines []Line }

// Line is a line of spans.
type Line struct {
	Spans []Span
	// Open is where Enter leads from the line; zero for nowhere.
	Open Place
}

// Span is text of one tone.
type Span struct {
	Text string
	Tone Tone
}
