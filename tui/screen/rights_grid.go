package screen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// gridColumns are a right as a line of a grid: what it is on, for which names, and a column for each ordinary verb. Other
// verbs are written out.
func gridColumns[T any](w *world.World, of func(T) *rbac.Right) []TypedColumn[T] {
	columns := []TypedColumn[T]{
		{Column{Name: "Resource", Min: 16, Shrink: true}, func(item T) Cell { return objectCell(of(item)) }},
		{Column{Name: "Names", Min: 5, Drop: 6, Shrink: true}, func(item T) Cell { return namesCell(of(item)) }},
	}
	for _, verb := range rbac.StandardVerbs() {
		columns = append(columns, TypedColumn[T]{verbColumn(verb), func(item T) Cell { return verbCell(w.Index.Catalog(), of(item), verb) }})
	}
	return append(columns, TypedColumn[T]{Column{Name: "Other", Min: 6, Drop: 7, Shrink: true}, func(item T) Cell {
		return cell(otherVerbs(of(item)), Plain)
	}})
}

// verbColumn heads a verb.
func verbColumn(verb string) Column {
	if verb == "deletecollection" {
		return Column{Name: "delcoll", Min: len("delcoll"), Drop: 9}
	}
	return Column{Name: verb, Min: len(verb)}
}

func objectCell(r *rbac.Right) Cell {
	if r.Void != "" {
		return Cell{Text: question.RightObject(r), Tone: Quiet}
	}
	return Cell{Text: question.RightObject(r), Tone: Strong}
}

// namesCell names the only objects that a right is for.
func namesCell(r *rbac.Right) Cell {
	if len(r.Names) == 0 {
		return Cell{Text: question.AnyName, Tone: Quiet}
	}
	return Cell{Text: question.RightNames(r.Names, 3)}
}

// verbCell says whether a right has a verb: "yes", "named" for certain names only, "*" for all verbs there are, "void" where
// it is written and can't be used, and a dash.
func verbCell(c *rbac.Catalog, r *rbac.Right, verb string) Cell {
	all := slices.Contains(r.Verbs, rbacAll)
	switch {
	case !all && !slices.Contains(r.Verbs, verb):
		return cell("", Plain)
	case c.Void(r, verb) != "":
		return Cell{Text: "void", Tone: Quiet}
	case len(r.Names) > 0:
		return Cell{Text: "named"}
	case all:
		return Cell{Text: rbacAll, Tone: Strong}
	}
	return Cell{Text: "yes", Tone: Good}
}

// rbacAll is every verb there is, also those that nobody has thought of yet.
const rbacAll = "*"

// otherVerbs writes the verbs that have no column.
func otherVerbs(r *rbac.Right) string {
	if slices.Contains(r.Verbs, rbacAll) {
		return "* (every other verb)"
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(r.Verbs), func(verb string) bool {
		return slices.Contains(rbac.StandardVerbs(), verb)
	}), " ")
}

// rightKey names a line of rights among others: no two of one role, nor of one subject, are the same. What differs in its
// namespaces only is one line.
func rightKey(r *rbac.Right) string {
	where := ""
	if r.Everywhere {
		where = everywhere
	}
	return strings.Join([]string{where, question.RightObject(r), strings.Join(r.Names, ","), strings.Join(r.Verbs, ","), r.Void}, "\x00")
}

// rightWords writes a right in words: "get, list pods in dev".
func rightWords(r *rbac.Right) string {
	verbs := strings.Join(r.Verbs, ", ")
	if verbs == rbacAll {
		verbs = "every verb"
	}
	text := verbs + " " + question.RightObject(r)
	switch {
	case r.URL == rbacAll:
		text = verbs + " on every URL"
	case r.Resource == rbacAll && r.Group == rbacAll:
		text = verbs + " on every resource"
	case r.Resource == rbacAll:
		text = verbs + " on every resource of API group " + cmp.Or(r.Group, "core")
	}
	if len(r.Names) > 0 {
		text += " (only " + question.RightNames(r.Names, 3) + ")"
	}
	return text
}

// rightLine writes a right in words, with the reason where it can't be used.
func rightLine(r *rbac.Right) Line {
	if r.Void != "" {
		return line("without effect: "+rightWords(r)+" ("+r.Void+")", Quiet)
	}
	return line(rightWords(r), Plain)
}

// askPlace is who else has a right: see [askWords].
func askPlace(r *rbac.Right, namespace string) Place {
	return Place{Kind: WhoCan, Query: shell.Command(askWords(r, namespace)...)}
}

// askWords are a right as a question: its first verb on its first name, in a namespace or, when it is empty, anywhere. Of
// what is done to a namespace by name, a right in one namespace is about that one.
func askWords(r *rbac.Right, namespace string) []string {
	a := rbac.Action{Verb: r.Verbs[0], Group: r.Group}
	if a.Verb == rbacAll {
		a.Verb = "get"
	}
	a.Resource, a.Subresource, _ = strings.Cut(r.Resource, "/")
	words := []string{a.Verb, resourceWord(a)}
	switch r.URL {
	case "":
	case rbacAll:
		words[1] = "/" // a star would be any resource
	default:
		words[1] = r.URL
	}
	switch {
	case len(r.Names) > 0 && r.Names[0] != "":
		words = append(words, r.Names[0])
	case len(r.Names) == 0 && namespace != "" && question.NamespaceObject(a):
		words = append(words, namespace)
	}
	switch {
	case namespace != "":
		words = append(words, "-n", namespace)
	case r.URL == "":
		words = append(words, "-A")
	}
	return words
}
