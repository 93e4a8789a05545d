package world

import (
	"sync"
	"sync/atomic"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
)

// judgedAtOnce is up to how many namespaces judging takes no time that anybody would notice.
const judgedAtOnce = 300

// judging is what is wrong, as far as that was worked out. What only Secrets would tell is never found: they are not read.
type judging struct {
	// work judges the moment, once; done says that it has.
	work func() *findings
	done atomic.Bool
	// last is what was judged last, of this moment or of one before it. The worlds of one browser share it.
	last *atomic.Pointer[findings]
}

// findings are what is wrong, by what they are looked up by.
type findings struct {
	all   []finding.Finding            // the gravest first, and so in the others
	in    map[string][]finding.Finding // by namespace
	about map[string][]finding.Finding // by object
	byKey map[string]int
	// queues are those about queues, by queue.
	queues map[string][]finding.Finding
}

func newJudging(work func() *findings, last *atomic.Pointer[findings]) *judging {
	j := &judging{last: last}
	j.work = sync.OnceValue(func() *findings {
		found := work()
		j.last.Store(found)
		j.done.Store(true)
		return found
	})
	return j
}

// Judge works out what is wrong, of all domains whose objects were read. Of a huge cluster that takes seconds: it is for
// where nobody waits. Nothing is judged before everything was read, since what is merely on its way would count as missing.
func (w *World) Judge() {
	if w.Complete {
		w.judging.work()
	}
}

// Judged reports whether it is known what is wrong: at this moment or, as long as that is not worked out, at an earlier one.
func (w *World) Judged() bool { return w.known() != nil }

// Outdated reports whether [World.Judge] would say more than is known.
func (w *World) Outdated() bool { return w.Complete && !w.few() && !w.judging.done.Load() }

// few reports whether there is so little to judge that it is done whenever somebody asks.
func (w *World) few() bool { return len(w.Inventory.Namespaces) <= judgedAtOnce }

// known returns what is known to be wrong; nil when nobody has judged yet.
func (w *World) known() *findings {
	if w.Complete && (w.few() || w.judging.done.Load()) {
		return w.judging.work()
	}
	return w.judging.last.Load()
}

// Findings returns what is wrong, the gravest first, as far as [World.Judged]. The slice is shared.
func (w *World) Findings() []finding.Finding {
	if found := w.known(); found != nil {
		return found.all
	}
	return nil
}

// FindingsIn returns what is wrong with a namespace and what is in it, in the same way.
func (w *World) FindingsIn(namespace string) []finding.Finding {
	if found := w.known(); found != nil {
		return found.in[namespace]
	}
	return nil
}

// FindingsAbout returns what is wrong with an object, such as "rolebinding team-a/x", in the same way.
func (w *World) FindingsAbout(object string) []finding.Finding {
	if found := w.known(); found != nil {
		return found.about[object]
	}
	return nil
}

// Finding returns the finding with a key; nil when there is none, or none any more.
func (w *World) Finding(key string) *finding.Finding {
	found := w.known()
	if found == nil {
		return nil
	}
	n, there := found.byKey[key]
	if !there {
		return nil
	}
	return &found.all[n]
}

// FindingKey names a finding for as long as it says the same.
func FindingKey(f *finding.Finding) string { return f.ID + " " + f.Object + ": " + f.Message }

// judge judges everything.
func (w *World) judge() *findings {
	found := &findings{
		all: judge.All(w.State, w.Index),
		in:  map[string][]finding.Finding{}, about: map[string][]finding.Finding{}, byKey: map[string]int{},
	}
	for i := range found.all {
		f := &found.all[i]
		namespace := finding.NamespaceOf(f.Object)
		found.in[namespace] = append(found.in[namespace], *f)
		found.about[f.Object] = append(found.about[f.Object], *f)
		if _, twice := found.byKey[FindingKey(f)]; !twice {
			found.byKey[FindingKey(f)] = i
		}
	}
	found.queues = w.byQueue(found.all)
	return found
}
