package whocan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
)

// kalmRow is one way of one subject, and where it leads.
type kalmRow struct {
	way        kalm.Way
	everywhere bool
	namespaces []string
	flags      []kalm.Flag
}

// runKalm asks Kalm's policy who may.
func (f *whoFlags) runKalm(ctx context.Context, args []string) error {
	w, err := parseKalm(args)
	if err != nil {
		return err
	}
	switch {
	case f.verify:
		return cli.UsageError(errors.New("--verify asks an API server about RBAC: it can't be used with --kalm"))
	case f.groupsFile != "":
		return cli.UsageError(errors.New("--groups-file can't be used with --kalm: \"why --kalm\" takes --group"))
	}
	if err := f.check(); err != nil {
		return err
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return cli.UsageError(err)
	}
	f.silent = f.quiet
	k, err := f.loadKalm(ctx)
	if err != nil {
		return err
	}
	ns, err := f.namespace(f.offline(), "")
	if err != nil {
		return err
	}
	f.checkKalm(k, ns)
	asked := w.ask(ns)
	ns = cmp.Or(ns, strings.Trim(asked.Request.Namespace, kalm.All)) // the name may say it
	place := kalmPlace(ns)
	if ns == "" && !f.clusterScope {
		place, asked.Note = anyNamespace, w.ask("-").Note // what is to be said about namespaces is said of all of them
	}
	rows := k.who(&w, ns, f.clusterScope)
	if f.quiet {
		if err := f.finishKalm(k); err != nil {
			return err
		}
		switch {
		case len(rows) > 0 || asked.Free && !k.policy.Stopped():
			return nil
		case !k.complete():
			return cli.Silent(cli.ExitPredicateError) // somebody may be in what could not be read
		}
		return cli.Silent(cli.ExitNo)
	}
	f.tellWords(&w, asked)
	report := printer.Report{
		Object: func() any { return viewKalmWho(k, &w, asked, rows) },
		Table:  func() *metav1.Table { return kalmTable(rows) },
		Names:  func() []string { return kalmNames(rows) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	f.tellKalmCounts(k, w.text(asked, place), asked, rows)
	return f.finishKalm(k)
}

// checkKalm warns when the namespace of --namespace is not known.
func (p *place) checkKalm(k *kalmWorld, namespace string) {
	if doubt := question.NamespaceDoubt(namespace, k.namespaces); namespace != "" && p.given() && len(k.namespaces) > 0 && doubt != "" {
		p.env.Warnf("%s", doubt)
	}
}

// tellWords says how a question was understood.
func (in *inputs) tellWords(w *kalmWords, asked kalm.Asked) {
	for _, note := range w.notes {
		in.env.Notef("note: %s", note)
	}
	if asked.Note != "" {
		in.env.Notef("note: %s", asked.Note)
	}
	if asked.Unknown {
		in.env.Notef("note: Kalm's API asks its policy for no kind %s, so that it is taken as it is written; it asks for %s", asked.Request.Kind, strings.Join(kalm.Kinds(), ", "))
	}
}

// who asks in a namespace, or when that is empty in each of them and in the whole cluster; with cluster only in that.
func (k *kalmWorld) who(w *kalmWords, namespace string, cluster bool) []kalmRow {
	if k.policy.Broken() || k.policy.Stopped() {
		return nil
	}
	places := []string{cmp.Or(namespace, kalm.All)}
	if namespace == "" && !cluster {
		places = append(places, k.namespaces...)
	}
	everywhere := map[string]bool{}
	for _, way := range k.policy.Who(w.ask(kalm.All).Request) {
		everywhere[wayKey(way)] = true
	}
	rows := map[string]*kalmRow{}
	var order []string
	for _, place := range places {
		asked := w.ask(place)
		if asked.Free {
			continue
		}
		for _, way := range k.policy.Who(asked.Request) {
			key := wayKey(way)
			row, known := rows[key]
			if !known {
				row = &kalmRow{way: way, flags: k.flagsOf(way), everywhere: everywhere[key] || asked.Request.Namespace == kalm.All}
				rows[key], order = row, append(order, key)
			}
			if !row.everywhere {
				row.namespaces = append(row.namespaces, place)
			}
		}
	}
	var out []kalmRow
	for _, key := range order {
		slices.Sort(rows[key].namespaces)
		out = append(out, *rows[key])
	}
	slices.SortStableFunc(out, func(a, b kalmRow) int {
		return cmp.Or(cmp.Compare(kalmRank(a.way.Subject), kalmRank(b.way.Subject)), cmp.Compare(a.way.Subject.Name, b.way.Subject.Name))
	})
	return out
}

func kalmRank(s kalm.Subject) string {
	kind, _, _ := strings.Cut(kalmSubject(s), ":")
	return map[string]string{"user": "0", "group": "1", "token": "2"}[kind]
}

// wayKey is the same for ways that begin with the same object.
func wayKey(w kalm.Way) string {
	key := kalmSubject(w.Subject) + "\x00" + kalmVia(w)
	if b := w.Binding(); b != nil {
		key += "\x00" + b.Namespace
	}
	return key
}

// flagsOf returns what is odd about the objects of a way.
func (k *kalmWorld) flagsOf(w kalm.Way) []kalm.Flag {
	return slices.DeleteFunc(k.policy.Flags(), func(f kalm.Flag) bool {
		return !slices.ContainsFunc(w.Path, func(l kalm.Line) bool {
			if f.Mark == kalm.Injected && f.Text != l.String() {
				return false // another line of the same object
			}
			return f.Binding != nil && f.Binding == l.Binding || f.Token != nil && f.Token == l.Token && f.Rule == l.Rule
		})
	})
}

// tellKalmCounts says how many there are who can do what the text says, and what is odd about how they may.
func (f *whoFlags) tellKalmCounts(k *kalmWorld, text string, asked kalm.Asked, rows []kalmRow) {
	if f.print.Structured() && f.print.Format() != printer.CSV {
		return
	}
	if asked.Free {
		return // the note has said who
	}
	if !k.complete() {
		text += ", as far as can be read"
	}
	f.env.Notef("%s can %s", question.Plural(len(kalmNames(rows)), "subject"), text)
	told := map[string]bool{}
	for _, row := range rows {
		for _, flag := range row.flags {
			if text := flag.Object() + ": " + flag.Why(); !told[text] && flag.Mark != kalm.Alone {
				told[text] = true
				f.env.Warnf("%s", text)
			}
		}
	}
	idle := map[string]bool{}
	for _, flag := range k.policy.Flags() {
		switch flag.Mark {
		case kalm.Inert, kalm.Over, kalm.Withheld, kalm.Dropped, kalm.Unknown:
			idle[flag.Object()] = true
		case kalm.Injected, kalm.Denies, kalm.Stops, kalm.Trap, kalm.Leaks, kalm.Alone, kalm.Prefix, kalm.Case:
		}
	}
	switch len(idle) {
	case 0:
	case 1:
		f.env.Notef("1 role binding or token gives nobody anything (\"why SUBJECT ... --kalm\" says why)")
	default:
		f.env.Notef("%d role bindings and tokens give nobody anything (\"why SUBJECT ... --kalm\" says why)", len(idle))
	}
}
