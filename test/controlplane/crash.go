package controlplane

import (
	"context"
	"fmt"
	"io"
	"slices"
	"syscall"
)

const apiserverName = "kube-apiserver"

// program is how a component is started.
type program struct {
	path string
	args []string
	log  io.Writer
}

// Crash kills the API server (SIGKILL) and returns when it is gone. What it has answered is in etcd, which goes on. Until Restart, Failure
// reports it. It must not be called while other calls are under way that read or change the components: Restart, Failure, Processes, Stop.
func (cp *ControlPlane) Crash() {
	if p := cp.server(); p != nil {
		p.signal(syscall.SIGKILL)
		<-p.done
	}
}

// Restart starts the API server again after Crash, at the same address and with the same arguments, and waits until it is ready. Its log
// begins anew. Errors: a server that ends or does not get ready, ctx. See Crash for what may not run beside it.
func (cp *ControlPlane) Restart(ctx context.Context) error {
	i := slices.IndexFunc(cp.processes, func(p *process) bool { return p.name == apiserverName })
	if i < 0 || !cp.processes[i].ended() {
		return fmt.Errorf("restart %s: it has not ended", apiserverName)
	}
	p, err := start(cp.dir, apiserverName, cp.apiserver.path, cp.apiserver.args, cp.apiserver.log)
	if err != nil {
		return err
	}
	cp.processes[i] = p
	if err := cp.waitAPIServer(ctx); err != nil {
		return fmt.Errorf("restart %s: %w", apiserverName, err)
	}
	return nil
}

// server returns the API server's process; nil before it was started.
func (cp *ControlPlane) server() *process {
	for _, p := range cp.processes {
		if p.name == apiserverName {
			return p
		}
	}
	return nil
}
