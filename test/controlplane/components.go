package controlplane

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// controllers are those that change what a test of access can see: namespaces go away, owned objects too, quotas are counted, service
// accounts and their tokens appear, aggregated roles are filled.
const controllers = "namespace-controller,garbage-collector-controller,resourcequota-controller,serviceaccount-controller," +
	"serviceaccount-token-controller,clusterrole-aggregation-controller"

const controllersKubeconfig = "controllers.kubeconfig"

// controllersUser is the controller manager. It may do everything: what each controller may do is not under test here.
func controllersUser() User {
	return User{Name: "system:kube-controller-manager", Groups: []string{"system:masters"}}
}

// startComponents starts etcd, the API server and the controller manager, each when what it needs answers, and waits for the whole.
func (cp *ControlPlane) startComponents(ctx context.Context, opts Options, ports []string) error {
	apiserver, etcd, peer := ports[0], "http://"+ports[1], "http://"+ports[2]
	run := func(name, path string, args []string) error {
		p, err := start(cp.dir, name, path, args, opts.Log)
		if err == nil {
			cp.processes = append(cp.processes, p)
		}
		return err
	}
	if err := run("etcd", cp.bin.Etcd, cp.etcdArgs(etcd, peer)); err != nil {
		return err
	}
	if err := cp.waitEtcd(ctx, etcd); err != nil {
		return err
	}
	args := append(cp.apiserverArgs(apiserver, etcd), opts.ExtraAPIServerArgs...)
	cp.apiserver = program{path: cp.bin.APIServer, args: args, log: opts.Log}
	if err := run(apiserverName, cp.bin.APIServer, args); err != nil {
		return err
	}
	if err := cp.waitAPIServer(ctx); err != nil {
		return err
	}
	if opts.WithoutControllers {
		return nil
	}
	if err := run("kube-controller-manager", cp.bin.ControllerManager, cp.controllerArgs()); err != nil {
		return err
	}
	cp.controllers = true
	return cp.waitControllers(ctx, metav1.NamespaceDefault)
}

func (cp *ControlPlane) etcdArgs(client, peer string) []string {
	return []string{
		"--name=gatehouse",
		"--data-dir=" + cp.file("etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=gatehouse=" + peer,
		"--unsafe-no-fsync",                // the data need not outlive the test
		"--quota-backend-bytes=4294967296", // big benchmark clusters
		"--log-level=warn",
	}
}

func (cp *ControlPlane) apiserverArgs(address, etcd string) []string {
	args := []string{
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + port(address),
		"--endpoint-reconciler-type=none", // no pods, nobody to reach the server through its service
		"--etcd-servers=" + etcd,
		"--authorization-mode=Node,RBAC",
		"--client-ca-file=" + cp.file("ca.crt"),
		"--tls-cert-file=" + cp.file("apiserver.crt"),
		"--tls-private-key-file=" + cp.file("apiserver.key"),
		"--cert-dir=" + cp.file("certificates"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + cp.file("sa.pub"),
		"--service-account-signing-key-file=" + cp.file("sa.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		"--allow-privileged=true",
		"--profiling=false",
	}
	if cp.audit != "" {
		args = append(args,
			"--audit-log-path="+cp.audit,
			"--audit-policy-file="+cp.file("audit-policy.yaml"),
			"--audit-log-mode=blocking", // a request is in the file before the next one of the same client
			"--audit-log-maxsize=100000",
		)
	}
	return args
}

func (cp *ControlPlane) controllerArgs() []string {
	return []string{
		"--kubeconfig=" + cp.file(controllersKubeconfig),
		"--controllers=" + controllers,
		"--service-account-private-key-file=" + cp.file("sa.key"),
		"--root-ca-file=" + cp.file("ca.crt"),
		"--leader-elect=false",
		"--secure-port=0", // nobody scrapes it
		"--profiling=false",
		"--resource-quota-sync-period=5s", // what was created while its quota was new is counted then; the default is minutes
		"--kube-api-qps=1000",
		"--kube-api-burst=2000",
	}
}
