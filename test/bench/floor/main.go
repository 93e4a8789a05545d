// Command floor does the least that a who-can query can do: it fetches the four RBAC lists at once, as protobuf from
// the watch cache, and throws the bytes away. Everything above its time and memory is ours.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil)
	config, err := loader.ClientConfig()
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	lists := []string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
	sizes, errs := make([]int64, len(lists)), make([]error, len(lists))
	var wait sync.WaitGroup
	for i, list := range lists {
		wait.Go(func() {
			sizes[i], errs[i] = fetch(ctx, client, config.Host+"/apis/rbac.authorization.k8s.io/v1/"+list+"?resourceVersion=0")
		})
	}
	wait.Wait()
	var total int64
	for _, size := range sizes {
		total += size
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Println(total)
	return nil
}

// fetch returns how many bytes came, after decompression.
func fetch(ctx context.Context, client *http.Client, url string) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept", "application/vnd.kubernetes.protobuf")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("fetch %s: %s", url, response.Status)
	}
	return io.Copy(io.Discard, response.Body)
}
