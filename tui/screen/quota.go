package screen

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// fullest returns the limit of a namespace that is nearest to being reached; nil when there is none.
func fullest(n *world.Namespace) *profile.Usage {
	var most *profile.Usage
	for i := range n.Limits {
		if u := &n.Limits[i]; most == nil || u.Share() > most.Share() {
			most = u
		}
	}
	return most
}

// quotaCell shows a limit as a bar, "requests.cpu 3/4"; nil is none.
func quotaCell(u *profile.Usage) Cell {
	if u == nil {
		return Cell{Text: "-", Tone: Quiet, Number: -1}
	}
	c := Cell{Text: string(u.Resource) + " " + u.UsedText() + "/" + u.Hard.String(), Number: u.Share()}
	c.Bar, c.HasBar = u.Share(), u.Used != nil
	c.Tone = fullness(u)
	return c
}

// fullestCell shows the limit of a namespace that is nearest to being reached, and a question mark for none where there may
// be some that could not be read.
func fullestCell(w *world.World, n *world.Namespace) Cell {
	u := fullest(n)
	if _, gap := unread(w, n.Name, inventory.Quotas); u == nil && gap != nil {
		return Cell{Text: unknown, Tone: Warn, Number: -1}
	}
	return quotaCell(u)
}

// fullness warns of what is nearly used up, or more than that.
func fullness(u *profile.Usage) Tone {
	switch share := u.Share(); {
	case share > 1:
		return Bad
	case share >= 0.9:
		return Warn
	}
	return Plain
}

// profileCell says whether the quota is what the profile says.
func profileCell(l *profile.Limit) Cell {
	switch {
	case l.Quota == "":
		return Cell{Text: l.Hard.String() + ", not in force", Tone: Warn}
	case !l.FromProfile:
		return cell("", Plain)
	case l.Wanted == nil:
		return Cell{Text: "≠ no limit", Tone: Warn}
	case l.Wanted.Cmp(l.Hard) != 0:
		return Cell{Text: "≠ " + l.Wanted.String(), Tone: Warn}
	}
	return Cell{Text: "the same", Tone: Quiet}
}

// quotaTab lists the limits of a namespace.
func quotaTab(w *world.World, n *world.Namespace, page *Page) {
	columns := []TypedColumn[profile.Limit]{
		{Column{Name: "Resource", Min: 12, Shrink: true}, func(l profile.Limit) Cell { return Cell{Text: string(l.Resource), Tone: Strong} }},
		{Column{Name: "Use", Numeric: true, Min: 10}, func(l profile.Limit) Cell { return useCell(&l.Usage) }},
		{Column{Name: "Used", Right: true, Numeric: true, Min: 4}, func(l profile.Limit) Cell { return usedCell(&l.Usage) }},
		{Column{Name: "Hard", Right: true, Numeric: true, Min: 4}, func(l profile.Limit) Cell {
			return Cell{Text: l.Hard.String(), Number: l.Hard.AsApproximateFloat64()}
		}},
		{Column{Name: "Quota", Min: 8, Drop: 2, Shrink: true}, func(l profile.Limit) Cell { return cell(l.Quota, Plain) }},
		{Column{Name: "Scope", Min: 6, Drop: 3, Shrink: true}, func(l profile.Limit) Cell { return cell(scopes(l.Scopes), Plain) }},
	}
	if n.Profile != nil {
		columns = append(columns, TypedColumn[profile.Limit]{
			Column{Name: "Profile says", Min: 8, Drop: 1}, func(l profile.Limit) Cell { return profileCell(&l) },
		})
	}
	page.Command = ""
	if !n.Plain {
		page.Command = command(w, "profile", "quota", "show", n.Name)
	}
	page.List = Table[profile.Limit]{
		Columns: columns,
		Key:     func(l profile.Limit) string { return l.Quota + "/" + string(l.Resource) },
		Empty:   emptyWords(w, n.Name, "nothing limits this namespace", inventory.Quotas),
	}.Of(profile.Limits(&n.Workspace, n.Limits))
	if len(gapsOf(w, n.Name, inventory.Quotas)) == 0 { // else that is said already
		page.Notes = append(page.Notes, n.LimitNotes...)
	}
}

// useCell is how much of a limit is used, as a bar and in percent.
func useCell(u *profile.Usage) Cell {
	if u.Used == nil {
		return Cell{Text: "?", Tone: Quiet, Number: -1}
	}
	return Cell{Text: percent(u.Share()), Tone: fullness(u), Number: u.Share(), Bar: u.Share(), HasBar: true}
}

// usedCell is what is used.
func usedCell(u *profile.Usage) Cell {
	if u.Used == nil {
		return Cell{Text: u.UsedText(), Tone: Quiet, Number: -1}
	}
	return Cell{Text: u.UsedText(), Number: u.Used.AsApproximateFloat64()}
}

func scopes(list []corev1.ResourceQuotaScope) string {
	var words []string
	for _, s := range list {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}
