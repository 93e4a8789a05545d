package queue

import (
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Words say in short what a queue is: the same ones wherever queues are listed.
type Words struct {
	// Access is for whom Kaiwo has the queue: "open" for every namespace, "restricted" for those that are listed, "kueue" where
	// Kueue alone has it, and "unknown" where Kaiwo's configuration can't be read.
	Access string
	// Default says that work of Kaiwo that names no queue goes into it: ", default" behind Access in a table.
	Default bool
	// Where stands for the namespaces where there are none to name: "any", or "unknown". It is empty where [Queue.Namespaces]
	// are to be named, though not always all of them: Partial says that there may be more.
	Where   string
	Partial bool
	// State is "active", or in a few words why nothing is admitted, such as "admits no namespace" or "FlavorNotFound".
	State string
	// Standing is how grave the state is: Passed, NotReached where Kaiwo or Kueue has not looked at the queue yet, Unknown where
	// it can't be read, and Blocked.
	Standing Standing
}

// AccessWords are Access, and whether it is the default queue: "open, default".
func (w *Words) AccessWords() string {
	if w.Default {
		return w.Access + ", default"
	}
	return w.Access
}

// Words returns the words for a queue.
func (s *State) Words(q *Queue) Words {
	w := Words{Access: "kueue", Default: s.Default(q)}
	switch {
	case q.Open():
		w.Access, w.Where = "open", "any"
	case q.Kaiwo:
		w.Access, w.Partial = "restricted", q.unclear
	case s.Unread(inventory.QueueConfigs):
		w.Access, w.Partial = "unknown", true
	default:
		w.Partial = s.Unread(inventory.LocalQueues)
	}
	if w.Partial && len(q.Namespaces()) == 0 {
		w.Where = "unknown"
	}
	w.State, w.Standing = s.stateWords(q)
	return w
}

// NameWords are names of namespaces as they are shown: what can be the name of none is quoted, since it may be empty, or hold a comma.
func NameWords(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		if len(validation.IsDNS1123Label(name)) > 0 {
			name = strconv.Quote(name)
		}
		out = append(out, name)
	}
	return out
}

// stateWords say whether a queue admits work.
func (s *State) stateWords(q *Queue) (string, Standing) {
	switch {
	case !q.Kueue && s.Unread(inventory.ClusterQueues):
		return "unknown", Unknown
	case !q.Kueue && !q.Kaiwo:
		return "no ClusterQueue, though LocalQueues name it", Blocked
	case !q.Kueue && s.Foreseen():
		return "not made yet", NotReached
	case !q.Kueue:
		return "no ClusterQueue", Blocked
	case q.Selector() == "":
		return "admits no namespace", Blocked
	case q.Inactive != "":
		return q.Reason, Blocked
	case !q.seen && s.Inventory.Live: // manifests as they are written have no status
		return "no status yet", NotReached
	}
	return "active", Passed
}
