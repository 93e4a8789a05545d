package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Item reads one object into the sink; namespace is empty for objects in none. The server answers with what it stores
// now, not from its cache.
func (c *Cluster) Item(ctx context.Context, resource schema.GroupVersionResource, namespace, name string, sink Sink) error {
	if err := c.item(ctx, resource, namespace, name, sink); err != nil {
		return fmt.Errorf("get %s %s: %w", resource.Resource, name, err)
	}
	return nil
}

func (c *Cluster) item(ctx context.Context, resource schema.GroupVersionResource, namespace, name string, sink Sink) error {
	body, err := c.client.Get().AbsPath(append(path(resource, namespace), name)...).Stream(ctx)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // nothing is written, and what was read is checked for its end
	r := bufio.NewReaderSize(io.LimitReader(body, maxItem+1), 4<<10)
	start, err := r.Peek(len(protobufMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	binary := string(start) == protobufMagic // what Peek returns is good until the next read
	data, err := io.ReadAll(r)
	switch {
	case err != nil:
		return fmt.Errorf("read answer: %w", err)
	case len(data) > maxItem:
		return fmt.Errorf("the answer is broken: one object of more than %d bytes", maxItem)
	case !binary:
		return sink.Item(data, JSON)
	}
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(data[len(protobufMagic):]); err != nil {
		return fmt.Errorf("the answer is broken: %w", err)
	}
	return sink.Item(envelope.Raw, Protobuf)
}

// ServedIn asks which resources the server serves in a version of a group: by name, none when it does not have the version.
// Everybody who is logged in may ask, by default.
func (c *Cluster) ServedIn(ctx context.Context, version schema.GroupVersion) (map[string]bool, error) {
	var served metav1.APIResourceList
	all := path(version.WithResource(""), "")
	err := c.client.Get().AbsPath(all[:len(all)-1]...).Do(ctx).Into(&served)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ask for the resources of %s: %w", version, err)
	}
	names := make(map[string]bool, len(served.APIResources))
	for _, r := range served.APIResources {
		names[r.Name] = true
	}
	return names, nil
}
