package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// issued is a new token, on its way to the output; its JSON is what -o json prints.
type issued struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
	Token      string `json:"token"`
	// Expires is when it ends, by the word of the server.
	Expires   time.Time `json:"expires"`
	Account   string    `json:"account,omitempty"`
	Secret    string    `json:"secret,omitempty"`
	Object    string    `json:"object,omitempty"`
	Audiences []string  `json:"audiences,omitempty"`
}

// print writes the token to the output, and nothing else.
func (o *createOptions) print(cluster *kube.Cluster, made issued) error {
	made.APIVersion, made.Kind = apiVersion, "IssuedToken"
	switch o.output {
	case outputJSON:
		p, err := printer.NewFlags(printer.JSON).ToPrinter()
		if err != nil {
			return err
		}
		return p.Print(o.env.Out, printer.Report{Object: func() any { return made }})
	case outputKubeconfig:
		data, err := kubeconfig(cluster, made)
		if err != nil {
			return err
		}
		if _, err := o.env.Out.Write(data); err != nil {
			return fmt.Errorf("write kubeconfig: %w", err)
		}
		return nil
	}
	if _, err := fmt.Fprintln(o.env.Out, made.Token); err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	return nil
}

// kubeconfig makes a kubeconfig with the token, for the server that gave it.
func kubeconfig(cluster *kube.Cluster, made issued) ([]byte, error) {
	from := cluster.Config()
	server := clientcmdapi.NewCluster()
	server.Server, server.TLSServerName = from.Host, from.ServerName
	server.InsecureSkipTLSVerify = from.Insecure
	server.CertificateAuthorityData = from.CAData
	if len(from.CAData) == 0 {
		server.CertificateAuthority = from.CAFile
	}
	user := clientcmdapi.NewAuthInfo()
	user.Token = made.Token
	context := clientcmdapi.NewContext()
	context.Cluster, context.AuthInfo, context.Namespace = cluster.Name(), made.Name, made.Namespace
	config := clientcmdapi.NewConfig()
	config.Clusters[context.Cluster], config.AuthInfos[context.AuthInfo] = server, user
	config.Contexts[made.Name], config.CurrentContext = context, made.Name
	if err := clientcmdapi.FlattenConfig(config); err != nil {
		return nil, fmt.Errorf("make kubeconfig: %w", err)
	}
	data, err := clientcmd.Write(*config)
	if err != nil {
		return nil, fmt.Errorf("make kubeconfig: %w", err)
	}
	return data, nil
}

// tellLife says when the token ends. When that is not what was asked for, it says so too, and returns the time.
func (o *createOptions) tellLife(made issued) (other time.Time) {
	ends := made.Expires
	if pasted, err := token.Read(made.Token); err == nil && pasted.Claims != nil && !pasted.Claims.Expires.IsZero() {
		ends = pasted.Claims.Expires // what counts is in the token; servers have said otherwise beside it
	}
	const slack = time.Minute
	defer o.env.Notef("it was shown once, and is kept nowhere; kubectl accesstoken revoke %s -n %s ends it", made.Name, made.Namespace)
	switch {
	case ends.Before(o.ends.Add(-slack)):
		o.env.Warnf("the token ends on %s: the server gives no token for longer, and %s was asked for", ends.Format(time.RFC3339), o.ends.Format(time.RFC3339))
	case ends.After(o.ends.Add(slack)):
		o.env.Warnf("the token ends on %s, later than was asked for (%s): the server makes tokens last longer", ends.Format(time.RFC3339), o.ends.Format(time.RFC3339))
	default:
		o.env.Notef("the token ends on %s", ends.Format(time.RFC3339))
		return time.Time{}
	}
	return ends
}

// runKalm makes an AccessToken of Kalm.
func (o *createOptions) runKalm(ctx context.Context) error {
	rules, err := o.kalmRules()
	if err != nil {
		return err
	}
	l, err := o.loadState(ctx)
	if err != nil {
		return err
	}
	creator := "unknown" // the schema demands one
	if l.Cluster != nil {
		if !l.Inventory.Served[inventory.AccessTokens] {
			return cli.Hint(fmt.Errorf("make token %s: the cluster knows no %s.%s", o.name, inventory.AccessTokens, kalm.Group), "without --flavor kalm it becomes one of a service account")
		}
		self, err := l.Cluster.Self(ctx)
		if err != nil {
			return err
		}
		creator = self.Username
	}
	if len(rules) == 0 {
		o.namespace = "" // the rules of the token that is there say where it counts
	} else if err := o.checkPlace(ctx, l); err != nil {
		return err
	}
	secret, err := token.Generate(nil)
	if err != nil {
		return err
	}
	draft, err := token.CreateKalm(l.state, token.KalmRequest{
		Name: o.name, Rules: rules, Expires: o.ends, Creator: creator, Memo: o.memo, Deploy: o.deploy, Rotate: o.rotate,
	}, secret, inventory.Hidden)
	if err != nil {
		return err
	}
	if err := o.mayEnd(ctx, l, draft); err != nil {
		return err
	}
	if err := o.Finish(l.Reading, inventory.Namespaces); err != nil {
		return err
	}
	w := &witness{Server: l.Server, cluster: l.Cluster, secret: secret}
	task := change.Task{Plan: draft.Plan, Notes: draft.Notes, Before: func(context.Context) []string { return beforeKalm(draft.KalmRules) }}
	if l.Server != nil {
		task.Server = w
	}
	if err := o.change.Carry(ctx, task); err != nil || o.change.DryRun() {
		if err == nil && o.output != "" && o.output != "name" {
			o.env.Notef("note: not for kubectl apply: the token is hidden, names the object, and is another one each time")
		}
		return err
	}
	made := issued{Namespace: o.namespace, Name: o.name, Token: secret, Expires: o.ends, Object: "accesstoken/" + kalm.TokenName(secret)}
	if err := o.print(l.Cluster, made); err != nil {
		return errors.Join(err, o.takeBack(ctx, w, draft))
	}
	o.env.Notef("the token ends on %s; it was shown once, and Kalm keeps it in %s", o.ends.Format(time.RFC3339), made.Object)
	o.env.Notef("kubectl accesstoken revoke %s ends it", o.name)
	return o.endOld(ctx, l, draft)
}

// mayEnd asks whether the caller may end what a new token of Kalm takes the place of: better before it is made than after.
func (o *createOptions) mayEnd(ctx context.Context, l *loaded, draft token.Draft) error {
	if l.Server == nil || o.change.ClientOnly() || len(draft.After.Steps) == 0 {
		return nil
	}
	answers, err := l.Server.May(ctx, []authorizationv1.ResourceAttributes{{
		Verb: "delete", Group: kalm.Group, Version: kalm.Version, Resource: string(inventory.AccessTokens),
	}})
	if err != nil || answers[0].Allowed {
		return err
	}
	return fmt.Errorf("rotate token %s: you may not delete %s.%s, and nothing was made", o.name, inventory.AccessTokens, kalm.Group)
}

// beforeKalm says what a token of Kalm may do.
func beforeKalm(rules []kalm.Rule) []string {
	lines := []string{"with Kalm the token may"}
	for _, rule := range rules {
		line := "  " + rule.String()
		if why := rule.Unmet(); why != "" {
			line = "  nothing by \"" + rule.String() + "\": " + why
		}
		lines = append(lines, line)
	}
	return lines
}
