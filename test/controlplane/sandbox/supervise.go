package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// lockPatience is longer than a command that looks whether a sandbox runs holds the lock.
const lockPatience = 2 * time.Second

// supervise runs the control plane until it is told to end (SIGTERM) or a component ends. Its words go to supervisor.log.
func supervise(ctx context.Context, asked request) error {
	h := asked.home
	soon, cancel := context.WithTimeoutCause(ctx, lockPatience, errors.New("a sandbox runs already"))
	defer cancel()
	unlock, err := flock.Lock(soon, h.file("running.lock"), nil)
	if err != nil {
		return err
	}
	defer unlock()
	s := state{PID: os.Getpid(), Since: time.Now(), Phase: "starting the control plane"}
	if err := h.write(s); err != nil {
		return err
	}
	cp, err := controlplane.Start(ctx, controlplane.Options{Dir: h.file("controlplane")})
	if err != nil {
		return err
	}
	if err := serve(ctx, asked, cp, s); err != nil {
		return errors.Join(err, cp.Stop())
	}
	return cp.Stop()
}

// serve loads what was asked for, says that all is ready, and returns when it is told to or when a component has ended.
func serve(ctx context.Context, asked request, cp *controlplane.ControlPlane, s state) error {
	h := asked.home
	s.URL, s.Components, s.Kubectl = cp.URL(), cp.Processes(), cp.Kubectl()
	for _, user := range asked.users {
		s.Contexts = append(s.Contexts, user.Name)
	}
	if err := cp.WriteKubeconfig(h.kubeconfig(), asked.users...); err != nil {
		return err
	}
	s.Phase = "loading manifests"
	if err := h.write(s); err != nil {
		return err
	}
	applied, err := cp.ApplyKnown(ctx, asked.manifests...)
	if err != nil {
		return err
	}
	s.Objects, s.Skipped, s.Phase = applied.Objects, applied.Skipped, "ready"
	if err := h.write(s); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	controller := make(chan error, 1)
	if asked.kubeflow {
		go func() { controller <- kubeflow.Run(ctx, cp.AdminConfig()) }()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-controller:
			return err
		case <-tick.C:
			if err := cp.Failure(); err != nil {
				return err
			}
		}
	}
}
