package kube

import (
	"fmt"
	"io"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // the auth providers a kubeconfig may name; imported here and nowhere else
	"k8s.io/client-go/rest"
)

const (
	contentProtobuf = "application/vnd.kubernetes.protobuf"
	contentJSON     = "application/json"
)

// Config returns the connection that kubectl's flags describe, made for few and large requests: no client-side
// throttle, since the server has a fairness of its own, and protobuf where the server speaks it. Warnings of the server
// are written to errOut, each once and with control characters made visible. The timeout is the one that
// --request-timeout gives. It fails when the kubeconfig can't be read or doesn't have what the flags name.
func Config(flags Flags, userAgent string, errOut io.Writer) (*rest.Config, error) {
	config, err := flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config = rest.CopyConfig(config)
	config.UserAgent = userAgent
	config.QPS, config.Burst, config.RateLimiter = -1, 0, nil
	config.ContentType = contentProtobuf
	config.AcceptContentTypes = contentProtobuf + "," + contentJSON
	config.WarningHandler, config.WarningHandlerWithContext = newWarnings(errOut), nil
	return config, nil
}
