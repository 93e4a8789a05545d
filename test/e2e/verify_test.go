package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// TestVerifyDiffers puts something in front of the server that refuses what RBAC allows, as an authorizing webhook may.
func TestVerifyDiffers(t *testing.T) {
	t.Parallel()
	p := newProxy(t, shared.cp.AdminConfig())
	var reviews atomic.Int32
	p.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/subjectaccessreviews") {
			return false
		}
		if reviews.Add(1) > 1 {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, err := w.Write([]byte(`{"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
			"spec": {}, "status": {"allowed": false, "denied": true, "reason": "the webhook says no"}}`))
		return err == nil
	}
	out := homeAt(t, p.url).whocan(t, "get", "secrets", "-n", "team-vision", "--verify")
	out.want(t, 0)
	no, yes := 0, 0
	for line := range strings.Lines(out.stdout) {
		switch fields := strings.Fields(line); {
		case strings.Contains(line, "no in team-vision"):
			no++
		case fields[len(fields)-1] == "yes":
			yes++
		}
	}
	if no != 1 || yes != 4 {
		t.Errorf("%d no and %d yes, want 1 and 4:\n%s", no, yes, out.stdout)
	}
	out.hears(t, "warning: the API server says no in team-vision to ", "another authorizer or a change since decides")
	if got := reviews.Load(); got != 5 {
		t.Errorf("%d reviews for 5 subjects", got)
	}
}
