package kubetest

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// WriteEvent sends one event of a watch at once: the change is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.
func WriteEvent(w http.ResponseWriter, r *http.Request, change string, object runtime.Object) {
	_, _ = w.Write(Frame(r, change, object))
	Flush(w)
}

// Flush sends what was written so far, or the headers when that is nothing.
func Flush(w http.ResponseWriter) {
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
}

// Frame returns an event as an API server sends it, in protobuf when the client likes that best.
func Frame(r *http.Request, change string, object runtime.Object) []byte {
	if !strings.HasPrefix(r.Header.Get("Accept"), "application/vnd.kubernetes.protobuf") {
		return JSONFrame(change, JSON(object))
	}
	event := metav1.WatchEvent{Type: change, Object: runtime.RawExtension{Raw: Protobuf(object)}}
	body, err := event.Marshal()
	if err != nil {
		return nil
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...) //nolint:gosec // tests have small objects
}

// JSONFrame returns an event with an object that is JSON, as an API server sends it for custom resources.
func JSONFrame(change string, object []byte) []byte {
	body, err := json.Marshal(map[string]any{"type": change, "object": json.RawMessage(object)})
	if err != nil {
		return nil
	}
	return append(body, '\n')
}
