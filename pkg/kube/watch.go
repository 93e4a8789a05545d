package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Change is what happened to an object, in the words of the API.
type Change string

// The changes that a [Stream] tells of.
const (
	Added    Change = "ADDED"
	Modified Change = "MODIFIED"
	Deleted  Change = "DELETED"
)

// Further types of events, which a stream keeps to itself.
const (
	eventBookmark = "BOOKMARK"
	eventError    = "ERROR"
)

// Event is one change of one object.
type Event struct {
	Change Change
	// Object is the object as it is after the change, or as it last was: the bytes are as those that a [Sink] gets.
	Object   []byte
	Encoding Encoding
}

// Watch asks to hear of every change of a resource after a version, which is that of a list ([Cluster.ListAt]) or of an
// earlier [Stream]; with no version, of what there is too. That of an object won't do: servers forget what was long ago. A
// namespace limits it to that, a name to the one object. The server ends the stream after about the time of lasting, which is no error; a --request-timeout does
// not count. The stream ends with ctx as well.
//
// It returns when the server has agreed. Nothing is tried twice: errors are those of the server or of the connection.
func (c *Cluster) Watch(
	ctx context.Context, resource schema.GroupVersionResource, namespace, name, version string, lasting time.Duration,
) (*Stream, error) {
	client, err := c.patient()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", resource.Resource, err)
	}
	request := client.Get().AbsPath(path(resource, namespace)...).MaxRetries(0).
		Param("watch", "true").Param("allowWatchBookmarks", "true").
		Param("timeoutSeconds", strconv.Itoa(int(lasting.Seconds())))
	if version != "" {
		request.Param("resourceVersion", version)
	}
	c.part.ask(request, name, metadataOfOne)
	body, err := request.Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", resource.Resource, err)
	}
	return newStream(body, resource.Resource, version), nil
}

// patient is a client that does not give up on an answer that takes long. It shares its connections with the other one.
func (c *Cluster) patient() (rest.Interface, error) {
	if c.config.Timeout == 0 {
		return c.client, nil
	}
	config := c.Config()
	config.Timeout = 0
	return restClient(config)
}

// Stream hears of changes, one after the other. It belongs to one goroutine.
type Stream struct {
	body    io.ReadCloser
	frames  frames
	what    string
	version string
}

// Version is up to where changes were told: where to go on when the stream has ended.
func (s *Stream) Version() string { return s.version }

// Close ends the stream.
func (s *Stream) Close() error { return s.body.Close() }

// Next waits for the next change. What it returns is valid until it is called again. The error is io.EOF when the server
// ended the stream as it should; what it says when it can't go on is an error of the API, of which the commonest is that
// the version is too old (410).
func (s *Stream) Next() (Event, error) {
	for {
		event, err := s.next()
		switch {
		case err == io.EOF: //nolint:errorlint // the reader's own: a wrapped one is an answer that was cut off
			return Event{}, err
		case err != nil:
			return Event{}, fmt.Errorf("watch %s: %w", s.what, err)
		case event.Change != eventBookmark:
			return event, nil
		}
	}
}

// next reads an event, or a bookmark, which only says how far the stream is.
func (s *Stream) next() (Event, error) {
	event, err := s.frames.next()
	if err != nil {
		return Event{}, err
	}
	switch event.Change {
	case Added, Modified, Deleted, eventBookmark:
	case eventError:
		return Event{}, failure(event)
	default:
		return Event{}, fmt.Errorf("the server tells of a change %q that there is not", event.Change)
	}
	version, err := versionOf(event)
	if err != nil {
		return Event{}, err
	}
	if version == "" {
		return Event{}, errors.New("the server tells of a change without a version")
	}
	s.version = version
	return event, nil
}
