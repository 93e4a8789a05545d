package tui_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// play presses keys by their names; what begins with "=" is typed instead.
func play(s *tui.Stage, keys ...string) {
	for _, key := range keys {
		if len(key) > 1 && key[0] == '=' {
			s.Type(key[1:])
		} else {
			s.Press(key)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	vision := screen.Place{Kind: screen.Workspace, Name: "team-vision"}
	grants := screen.Place{Kind: screen.Grants}
	all, teams := acmeMoment(t), teamsMoment(t)
	for name, test := range map[string]struct {
		clusters       bool // they are there
		start          screen.Place
		keys           []string
		want, unwanted []string
	}{
		"open":                         {keys: []string{"/", "=vision", "enter", "enter"}, want: []string{"workspace team-vision  ‹ Namespaces", "[1 Contributors"}},
		"open nothing":                 {start: screen.Place{Kind: screen.Workspace, Name: "kube-public"}, keys: []string{"enter"}, want: []string{"namespace kube-public"}},
		"back keeps the filter":        {keys: []string{"/", "=vision", "enter", "enter", "esc"}, want: []string{"Namespaces  /vision", "1/1 of 16", "► team-vision"}},
		"esc ends the filter":          {keys: []string{"/", "=edge", "enter", "down", "esc"}, want: []string{"11/16", "► edge-south"}, unwanted: []string{"/edge"}},
		"esc leaves the filter":        {keys: []string{"/", "=edge", "down", "esc"}, want: []string{"11/16", "► edge-south"}, unwanted: []string{"/edge"}},
		"back on the first":            {keys: []string{"esc", "[", "backspace"}, want: []string{"1/16"}},
		"back by all keys":             {keys: []string{"2", "3", "4", "backspace", "alt+left", "["}, want: []string{"[1 Namespaces]", "1/16"}},
		"forward":                      {keys: []string{"2", "3", "esc", "esc", "]", "alt+right"}, want: []string{"[3 Roles]", "‹ Grants"}},
		"forward at the end":           {keys: []string{"2", "]"}, want: []string{"[2 Grants]"}},
		"forward is forgotten":         {keys: []string{"2", "3", "esc", "4", "]"}, want: []string{"[4 Bindings]", "‹ Grants"}},
		"back to the row":              {keys: []string{"down", "down", "enter", "esc"}, want: []string{"3/16", "► data-lake"}},
		"tab by number":                {start: vision, keys: []string{"3"}, want: []string{"[3 Access]", "delcoll"}},
		"the tenth tab":                {clusters: true, keys: []string{"0"}, want: []string{"[0 Clusters]", "edge-lab"}},
		"no such tab":                  {start: vision, keys: []string{"3", "8"}, want: []string{"[3 Access]"}},
		"next tab":                     {start: vision, keys: []string{"tab", "tab"}, want: []string{"[3 Access]"}},
		"previous tab":                 {start: vision, keys: []string{"shift+tab"}, want: []string{"[5 Findings"}},
		"tabs are one visit":           {keys: []string{"/", "=vision", "enter", "enter", "tab", "tab", "esc"}, want: []string{"Namespaces  /vision"}},
		"menu":                         {keys: []string{"tab", "7"}, want: []string{"[7 Findings]", "‹ Grants"}},
		"to the subject":               {start: grants, keys: []string{"down", "g"}, want: []string{"user:erin@acme.example  ‹ Grants"}},
		"to the binding":               {start: grants, keys: []string{"down", "b"}, want: []string{"rolebinding catalog/owner  ‹ Grants"}},
		"to the role":                  {start: grants, keys: []string{"down", "o"}, want: []string{"clusterrole admin  ‹ Grants"}},
		"to the namespace":             {start: grants, keys: []string{"down", "n"}, want: []string{"workspace catalog  ‹ Grants"}},
		"to no binding, but of Kalm's": {start: grants, keys: []string{"b"}, want: []string{"there is no binding to go to from here"}},
		"to no subject":                {start: screen.Place{Kind: screen.Queues}, keys: []string{"g"}, want: []string{"there is no subject to go to from here"}},
		"to no binding":                {start: screen.Place{Kind: screen.Subjects}, keys: []string{"/", "=catalog/search", "enter", "b"}, want: []string{"there is no binding to go to from here"}},
		"filter":                       {keys: []string{"/", "=edge"}, want: []string{"1/2 of 16", "edge-north", "edge-south"}, unwanted: []string{"catalog"}},
		"filter without rows":          {keys: []string{"/", "=zzzz"}, want: []string{"0/0 of 16"}, unwanted: []string{"catalog"}},
		"filter is shortened":          {keys: []string{"/", "=edge-n", "backspace", "backspace"}, want: []string{"1/2 of 16"}},
		"filter is moved in":           {keys: []string{"/", "=edge", "down", "enter", "enter"}, want: []string{"namespace edge-south"}},
		"filter of a text":             {clusters: true, start: screen.Place{Kind: screen.Cluster, Namespace: "kcm-system", Name: "edge-lab"}, keys: []string{"/"}, want: []string{"there is no list to filter here"}},
		"sort":                         {keys: []string{"s"}, want: []string{"Name ▲", "► catalog"}},
		"sort backwards":               {keys: []string{"s", "S"}, want: []string{"Name ▼", "► training"}},
		"sort by a number":             {keys: []string{"s", "s", "s", "s"}, want: []string{"Members ▼"}},
		"sort by none":                 {keys: []string{"s", "S", "s", "s", "s", "s", "s", "s", "s", "s"}, unwanted: []string{"▲", "▼"}},
		"all details":                  {start: screen.Place{Kind: screen.Roles}, keys: []string{"d"}, want: []string{"get, list, watch pods/log"}, unwanted: []string{"d shows them"}},
		"no details":                   {start: screen.Place{Kind: screen.Roles}, keys: []string{"d", "d"}, unwanted: []string{"get, list, watch bindings"}},
		"some details":                 {start: screen.Place{Kind: screen.Roles}, keys: []string{"d", "d", "d"}, want: []string{"d shows them"}},
		"remarks":                      {clusters: true, start: screen.Place{Kind: screen.Findings}, keys: []string{"!"}, want: []string{"kubectl clusterauth doctor"}},
		"no remarks":                   {keys: []string{"!"}, want: []string{"1/16"}},
		"palette":                      {keys: []string{":", "=priya"}, want: []string{"go to", "► user:priya@acme.example"}},
		"palette opens":                {keys: []string{":", "=user:priya", "enter"}, want: []string{"user:priya@acme.example  ‹ Namespaces"}, unwanted: []string{"go to"}},
		"palette is left":              {keys: []string{":", "=priya", "esc"}, want: []string{"1/16"}, unwanted: []string{"go to"}},
		"help":                         {keys: []string{"?"}, want: []string{"Jump from a row", "write a snapshot"}, unwanted: []string{"add a member"}},
		"help is left":                 {keys: []string{"?", "esc"}, unwanted: []string{"Jump from a row"}},
		"who can":                      {keys: []string{"w", "=get secrets -n team-vision", "enter"}, want: []string{"who can get secrets in team-vision", "user:bob@acme.example"}},
		"who can here":                 {start: vision, keys: []string{"w", "=get secrets"}, want: []string{"who can get secrets in team-vision", "user:bob@acme.example"}},
		"who can of a row":             {keys: []string{"/", "=vision", "enter", "w", "=get secrets"}, want: []string{"who can get secrets in team-vision"}},
		"who can completes":            {keys: []string{"w", "=ge", "tab", "=secre", "tab"}, want: []string{"who can get secrets", "group:system:masters"}},
		"who can again":                {keys: []string{"w", "=get secrets -n team-vision", "enter", "w", "backspace", "=n"}, want: []string{"who can get secrets in team-vision"}},
		"who can is left":              {keys: []string{"w", "=get", "esc", "esc"}, want: []string{"[1 Namespaces]", "1/16"}},
		"why not":                      {keys: []string{"w", "=why not user:ivan@acme.example get secrets -n team-vision", "enter"}, want: []string{"no: user:ivan@acme.example may not get secrets"}},
		"resource":                     {start: vision, keys: []string{"3", "c", "=secr", "tab", "enter"}, want: []string{"resource secrets"}},
		"resource elsewhere":           {keys: []string{"c"}, want: []string{"a resource is chosen on the Access tab"}},
		"add":                          {keys: []string{"a"}, want: []string{"read-only: this is no live cluster"}},
		"remove":                       {start: vision, keys: []string{"x"}, want: []string{"read-only: this is no live cluster"}},
		"set role":                     {start: vision, keys: []string{"r"}, want: []string{"read-only: this is no live cluster"}},
		"set expiry":                   {start: vision, keys: []string{"t"}, want: []string{"read-only: this is no live cluster"}},
		"fix":                          {start: screen.Place{Kind: screen.Findings}, keys: []string{"f"}, want: []string{"read-only: this is no live cluster"}},
		"undo":                         {keys: []string{"u"}, want: []string{"read-only: this is no live cluster"}},
		"end and home":                 {keys: []string{"end", "home", "G"}, want: []string{"16/16"}},
		"columns":                      {start: vision, keys: []string{"right", "right", "left"}, want: []string{"Subject"}},
		"text is scrolled":             {clusters: true, start: screen.Place{Kind: screen.Cluster, Namespace: "kcm-system", Name: "edge-lab"}, keys: []string{"down", "down", "up"}, want: []string{"2/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := teams
			if test.clusters {
				m = all
			}
			s := staged(t, m, 120, 40, func(o *tui.Options) { o.Start = test.start })
			play(s, test.keys...)
			sees(t, s, test.want...)
			misses(t, s, test.unwanted...)
			if s.Quit() {
				t.Error("it has ended")
			}
		})
	}
}

// Where a live cluster is only looked at, that is said in other words.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := staged(t, c.moment(t), 120, 40, func(o *tui.Options) { o.Frame = world.Frame{Context: "memory", ReadOnly: true} })
	s.Press("a")
	sees(t, s, "read-only: started with --read-only")
	s = live(t, c)
	s.Press("u")
	sees(t, s, "nothing to undo")
	s.Press("f")
	sees(t, s, "nothing here to fix")
}

func TestQuit(t *testing.T) {
	t.Parallel()
	m := read(t, "../examples/acme/namespaces.yaml")
	for name, keys := range map[string][]string{
		"q":                    {"q"},
		"q on another page":    {"2", "q"},
		"ctrl+c":               {"ctrl+c"},
		"ctrl+c in a dialog":   {":", "=q", "ctrl+c"},
		"ctrl+c in a line":     {"/", "=q", "ctrl+c"},
		"ctrl+c in a question": {"w", "=q", "ctrl+c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, m, 80, 24, nil)
			play(s, keys[:len(keys)-1]...)
			if s.Quit() {
				t.Fatal("it has ended too early")
			}
			play(s, keys[len(keys)-1])
			if !s.Quit() {
				t.Error("it goes on")
			}
		})
	}
}
