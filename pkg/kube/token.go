package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// mostAnswer is how much of an answer is read: more than any token or object has.
const mostAnswer = 8 << 20

// RequestToken asks for a token of a service account (TokenRequest). Like [Cluster.Create] it asks once. The token is in
// the answer and nowhere else: unlike other requests, this one is in no log, however much is logged.
func (c *Cluster) RequestToken(
	ctx context.Context, namespace, account string, spec authenticationv1.TokenRequestSpec,
) (authenticationv1.TokenRequestStatus, error) {
	for _, name := range []string{namespace, account} {
		if reasons := content.IsPathSegmentName(name); name == "" || len(reasons) > 0 {
			return authenticationv1.TokenRequestStatus{}, fmt.Errorf("bad name %q: %s", name, strings.Join(reasons, ", "))
		}
	}
	request := &authenticationv1.TokenRequest{
		TypeMeta: metav1.TypeMeta{APIVersion: authenticationv1.SchemeGroupVersion.String(), Kind: "TokenRequest"}, Spec: spec,
	}
	answer := &authenticationv1.TokenRequest{}
	if err := c.postQuietly(ctx, []string{"api", "v1", "namespaces", namespace, "serviceaccounts", account, "token"}, WriteOptions{}, request, answer); err != nil {
		return authenticationv1.TokenRequestStatus{}, err
	}
	return answer.Status, nil
}

// CreateQuietly is [Cluster.Create] for an object with a secret in it: neither the object nor the answer is in any log,
// however much is logged.
func (c *Cluster) CreateQuietly(
	ctx context.Context, o *unstructured.Unstructured, options WriteOptions,
) (*unstructured.Unstructured, error) {
	stored := &unstructured.Unstructured{}
	if err := c.postQuietly(ctx, collectionPath(o), options, o.Object, &stored.Object); err != nil {
		return nil, err
	}
	return stored, nil
}

// As returns the same cluster, asked by whoever holds the token. Nothing else of who is asking is kept: no certificate, no
// password, no impersonation.
func (c *Cluster) As(token string) (*Cluster, error) {
	config := rest.AnonymousClientConfig(c.config)
	config.QPS, config.Burst, config.RateLimiter = c.config.QPS, c.config.Burst, nil
	config.ContentType, config.AcceptContentTypes = c.config.ContentType, c.config.AcceptContentTypes
	config.WarningHandler, config.WarningHandlerWithContext = c.config.WarningHandler, c.config.WarningHandlerWithContext
	config.BearerToken = token
	client, err := restClient(config)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to %s: %w", config.Host, err)
	}
	other := *c
	other.config, other.client = config, client
	return &other, nil
}

// postQuietly sends a body and reads the answer, with the connection of the cluster but past what client-go logs of
// requests.
func (c *Cluster) postQuietly(ctx context.Context, path []string, options WriteOptions, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	client, err := rest.HTTPClientFor(c.config)
	if err != nil {
		return fmt.Errorf("prepare connection to %s: %w", c.config.Host, err)
	}
	// The client of the cluster knows how the server is reached; it is asked for the URL alone.
	url := options.apply(c.client.Post().AbsPath(path...)).URL().String()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("prepare request: %w", err)
	}
	request.Header.Set("Content-Type", contentJSON)
	request.Header.Set("Accept", contentJSON)
	request.Header.Set("User-Agent", c.config.UserAgent)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // all that matters was read
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode >= http.StatusOK && response.StatusCode < http.StatusMultipleChoices {
		if err := json.Unmarshal(answer, into); err != nil {
			return fmt.Errorf("read answer: it is not the JSON that was asked for (HTTP %d)", response.StatusCode)
		}
		return nil
	}
	status := &errors.StatusError{}
	if json.Unmarshal(answer, &status.ErrStatus) == nil && status.ErrStatus.Status == metav1.StatusFailure {
		return status
	}
	return errors.NewGenericServerResponse(response.StatusCode, http.MethodPost, metav1.Unversioned.WithResource(path[len(path)-1]).GroupResource(), "", "", 0, true)
}
