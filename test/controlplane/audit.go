package controlplane

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/kubernetes"
)

// defaultAuditPolicy leaves out what the control plane asks itself, so that a test reads its own requests.
const defaultAuditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:apiserver", "system:kube-controller-manager"]
- level: Metadata
`

// markerPath is asked for by Requests itself; what comes back does not matter.
const markerPath = "/version"

// Request is one request that the API server has answered.
type Request struct {
	User         string   // who was authenticated
	Groups       []string // sorted
	Impersonated string   // the user acted as, with --as; "" = nobody
	Verb         string   // Kubernetes' word: get, list, watch, create, ...; for other URLs the HTTP method in lower case
	URI          string   // path and query
	UserAgent    string
	Code         int             // HTTP status
	Body         json.RawMessage // the object sent; nil unless Options.AuditPolicy has level Request for it
	Time         time.Time       // when it was received
}

// Recorder reads the requests from a moment on.
type Recorder struct {
	cp    *ControlPlane
	start int64 // offset in the audit log
}

// Record returns a recorder of the requests from now on. Errors: a control plane without Options.AuditLog, or that does not answer.
func (cp *ControlPlane) Record(ctx context.Context) (*Recorder, error) {
	if cp.audit == "" {
		return nil, errors.New("record requests: started without AuditLog")
	}
	if err := cp.flushAudit(ctx); err != nil {
		return nil, fmt.Errorf("record requests: %w", err)
	}
	info, err := os.Stat(cp.audit)
	if err != nil {
		return nil, fmt.Errorf("record requests: %w", err)
	}
	return &Recorder{cp: cp, start: info.Size()}, nil
}

// Requests returns the requests that were answered since Record, in the order in which they were received; with users, only theirs. Of a
// watch, the start is what counts as answered. Requests of this method and of Record are left out.
func (r *Recorder) Requests(ctx context.Context, users ...string) ([]Request, error) {
	if err := r.cp.flushAudit(ctx); err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	requests, err := readAudit(r.cp.audit, r.start)
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	return slices.DeleteFunc(requests, func(r Request) bool {
		return len(users) > 0 && !slices.Contains(users, r.User)
	}), nil
}

// Requests returns all requests since the control plane was ready; see Recorder.Requests.
func (cp *ControlPlane) Requests(ctx context.Context, users ...string) ([]Request, error) {
	if cp.audit == "" {
		return nil, errors.New("read requests: started without AuditLog")
	}
	return cp.recorder.Requests(ctx, users...)
}

// writeAuditPolicy writes the policy ("" = default) for the API server and chooses where the audit log goes.
func (cp *ControlPlane) writeAuditPolicy(policy string) error {
	cp.audit = cp.file("audit.log")
	if err := os.WriteFile(cp.file("audit-policy.yaml"), []byte(cmp.Or(policy, defaultAuditPolicy)), 0o600); err != nil {
		return fmt.Errorf("write audit policy: %w", err)
	}
	return nil
}

// flushAudit returns when all requests answered before it are in the audit log. The API server logs a request just after its last byte was
// sent, so a marker request is made and waited for, and after it a moment for those that were answered right before it.
func (cp *ControlPlane) flushAudit(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(cp.adminConfig)
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	info, err := os.Stat(cp.audit)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var before int64
	if err == nil {
		before = info.Size()
	}
	marker := markerName() + "=" + rand.String(12)
	if err := client.RESTClient().Get().RequestURI(markerPath + "?" + marker).Do(ctx).Error(); err != nil {
		return fmt.Errorf("send marker: %w", err)
	}
	err = cp.wait(ctx, "audit log", func(context.Context) error {
		events, err := readEvents(cp.audit, before)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(events, func(e event) bool { return strings.Contains(e.RequestURI, marker) }) {
			return errors.New("marker request is not there: does the audit policy leave out admin's requests to " + markerPath + "?")
		}
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(readyPulse):
		return nil
	}
}

func markerName() string { return "gatehouse-marker" }

// event is what is read of an audit event (audit.k8s.io/v1).
type event struct {
	AuditID    string `json:"auditID"`
	Stage      string `json:"stage"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	User       struct {
		Username string   `json:"username"`
		Groups   []string `json:"groups"`
	} `json:"user"`
	ImpersonatedUser *struct {
		Username string `json:"username"`
	} `json:"impersonatedUser"`
	UserAgent      string `json:"userAgent"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	RequestObject            json.RawMessage `json:"requestObject"`
	RequestReceivedTimestamp time.Time       `json:"requestReceivedTimestamp"`
}

// readAudit returns the requests of the log from the offset on. A watch has an event when it starts and one when it ends: one request.
func readAudit(path string, offset int64) ([]Request, error) {
	events, err := readEvents(path, offset)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var requests []Request
	for _, e := range events {
		if seen[e.AuditID] || strings.Contains(e.RequestURI, markerName()) {
			continue
		}
		seen[e.AuditID] = true
		request := Request{
			User: e.User.Username, Groups: slices.Sorted(slices.Values(e.User.Groups)), Verb: e.Verb, URI: e.RequestURI,
			UserAgent: e.UserAgent, Code: e.ResponseStatus.Code, Body: e.RequestObject, Time: e.RequestReceivedTimestamp,
		}
		if e.ImpersonatedUser != nil {
			request.Impersonated = e.ImpersonatedUser.Username
		}
		requests = append(requests, request)
	}
	slices.SortStableFunc(requests, func(a, b Request) int { return a.Time.Compare(b.Time) })
	return requests, nil
}

// readEvents returns the events of the log from the offset on. A last line that is not whole yet is left for later.
func readEvents(path string, offset int64) ([]event, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	var events []event
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("read audit event: %w", err)
		}
		events = append(events, e)
	}
}
