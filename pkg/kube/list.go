package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Encoding is how the bytes of a list item are written.
type Encoding int

const (
	// Protobuf is the Kubernetes protobuf encoding of the object, without an envelope.
	Protobuf Encoding = iota
	// JSON is the object as JSON: what servers answer that don't speak protobuf, such as those of custom resources.
	JSON
)

// Sink takes the items of a list one by one, in the order of the server.
type Sink interface {
	// Item gets the bytes of one object. They are overwritten after Item returns: what is kept has to be copied. An
	// error ends the list and is returned from it.
	Item(data []byte, encoding Encoding) error
	// Restart forgets all items: the server's pages went stale, and the list comes again from its start.
	Restart()
}

const (
	// readBuffer holds most items whole, so that they need not be copied.
	readBuffer = 256 << 10
	// maxRestarts ends a list whose pages go stale faster than they can be read.
	maxRestarts = 3
)

// List reads all objects of a resource into the sink, in one namespace, or everywhere when namespace is empty. Objects
// are handed over while the answer arrives; it is never held as a whole. The server may answer from its cache
// (resourceVersion=0) unless the cluster is that of [Cluster.Latest], and in pages if it wants to. A server that is too busy (429) and says when to come back is asked
// again within the context's time.
func (c *Cluster) List(ctx context.Context, resource schema.GroupVersionResource, namespace string, sink Sink) error {
	_, err := c.ListAt(ctx, resource, namespace, sink)
	return err
}

// ListAt is List, and returns the resource version of what was read: [Cluster.Watch] hears of all that changes after it.
func (c *Cluster) ListAt(
	ctx context.Context, resource schema.GroupVersionResource, namespace string, sink Sink,
) (version string, err error) {
	if version, err = c.list(ctx, resource, namespace, sink); err != nil {
		where := ""
		if namespace != "" {
			where = " in namespace " + namespace
		}
		return "", fmt.Errorf("list %s%s: %w", resource.Resource, where, err)
	}
	return version, nil
}

func (c *Cluster) list(
	ctx context.Context, resource schema.GroupVersionResource, namespace string, sink Sink,
) (version string, err error) {
	var next string
	cached := !c.latest // the first attempt may come from the server's cache
	for restarts := 0; ; {
		end, err := c.page(ctx, resource, namespace, next, cached, sink)
		switch {
		case err != nil && next != "" && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)) && restarts < maxRestarts:
			restarts++
			next, cached = "", false
			sink.Restart()
		case err != nil:
			return "", err
		case end.next == "":
			return end.version, nil
		case end.next == next:
			return "", errors.New("the server answers with the same page again and again")
		default:
			next = end.next
		}
	}
}

// listEnd is what an answer says beside its items.
type listEnd struct {
	// next is the token of the next page, if there is one.
	next string
	// version is what the whole list is as of.
	version string
}

// page reads one answer into the sink.
func (c *Cluster) page(
	ctx context.Context, resource schema.GroupVersionResource, namespace, token string, cached bool, sink Sink,
) (listEnd, error) {
	request := c.client.Get().AbsPath(path(resource, namespace)...)
	switch {
	case token != "":
		request.Param("continue", token)
	case cached:
		request.Param("resourceVersion", "0")
	}
	c.part.ask(request, "", metadataOfList)
	body, err := request.Stream(ctx)
	if err != nil {
		return listEnd{}, err
	}
	defer body.Close() //nolint:errcheck // nothing is written, and what was read is checked for its end
	return readList(body, sink)
}

// path returns the segments of a resource's address.
func path(resource schema.GroupVersionResource, namespace string) []string {
	segments := []string{"apis", resource.Group, resource.Version}
	if resource.Group == "" {
		segments = []string{"api", resource.Version}
	}
	if namespace != "" {
		segments = append(segments, "namespaces", namespace)
	}
	return append(segments, resource.Resource)
}

// readList reads a list in either encoding. The body says itself which one it is.
func readList(body io.Reader, sink Sink) (listEnd, error) {
	r := bufio.NewReaderSize(body, readBuffer)
	start, err := r.Peek(len(protobufMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return listEnd{}, fmt.Errorf("read answer: %w", err)
	}
	if string(start) == protobufMagic {
		return readProtobufList(r, sink)
	}
	return readJSONList(r, sink)
}
