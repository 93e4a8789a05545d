package gatehouse

import (
	"fmt"
	"strings"
	"sync"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// mostRemarks is how many remarks are kept.
const mostRemarks = 20

// aside keeps what would be written over the screen: remarks on what was read, and warnings of the server.
type aside struct {
	lock    sync.Mutex
	remarks []string
	left    int // remarks beyond the most
	known   map[string]bool
}

// Write implements [io.Writer]: each line is a remark.
func (a *aside) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		a.add(strings.TrimPrefix(strings.TrimSpace(line), "Warning: "))
	}
	return len(p), nil
}

// warnf is a [source.Warn].
func (a *aside) warnf(format string, args ...any) { a.add(fmt.Sprintf(format, args...)) }

func (a *aside) add(remark string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	switch {
	case remark == "" || a.known[remark]:
		return
	case len(a.remarks) == mostRemarks:
		a.left++
		return
	case a.known == nil:
		a.known = map[string]bool{}
	}
	a.known[remark] = true
	a.remarks = append(a.remarks, remark)
}

// tell writes the remarks where they can be read: when the screen is gone.
func (a *aside) tell(env *cli.Env) {
	a.lock.Lock()
	defer a.lock.Unlock()
	for _, remark := range a.remarks {
		env.Warnf("%s", remark)
	}
	if a.left > 0 {
		env.Notef("... and %d more", a.left)
	}
}
