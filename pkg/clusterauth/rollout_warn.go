package clusterauth

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// warn says what may go wrong when KCM acts: what keeps the API server from starting, and what is special about the roll.
func (r *rolling) warn() {
	c, s := r.cluster, r.after
	a := s.authentication(c.Namespace, c.ClusterAuth)
	if a != nil && a.Problem == nil {
		for _, f := range judgeFields(*a) {
			r.warning(f.ID, a.object()+": "+f.Message, f.Why)
		}
	}
	if r.out.Effect == Off {
		return
	}
	if c.Problem != nil {
		r.out.Warnings = append(r.out.Warnings, judgeObject(c))
	}
	if c.ClusterAuth != "" {
		r.out.Warnings = append(r.out.Warnings, judgeReference(s, c)...)
	}
	if a != nil && c.Uses() != UseNo && (r.out.NewHash != "" || a.CAUnread) {
		r.out.Warnings = append(r.out.Warnings, judgeStart(s, c)...)
		r.out.Warnings = append(r.out.Warnings, s.judgeRefused(c, a)...)
	}
	if !r.out.Effect.Rolls() {
		return
	}
	r.warnSize()
	if c.Rolling != "" {
		r.warning("KC042", "its control plane is under way already: "+c.Rolling,
			"Wait until it has settled: a second change while members are being replaced may leave it without a quorum of etcd.")
	}
	if r.out.NewHash == "" && r.out.OldHash != "" {
		r.warnClearing()
	}
	r.warnEra()
	if r.out.Effect == Pods && r.out.OldHash != "" && r.out.NewHash != "" {
		r.warning("KC045", "pods that still run may take up the new configuration before they are replaced",
			"The Secret is mounted as a whole: the new content also appears under the old file's name, and the API server reads that anew within a minute.")
	}
}

// warnSize warns of control planes with too few members for a roll.
func (r *rolling) warnSize() {
	c := r.cluster
	switch {
	case r.out.Effect == Machines && c.Replicas == 1:
		r.warning("KC040", "its control plane has a single machine, which is replaced",
			"The API server is gone for a while, and etcd may lose its only member: make it 3 machines first, and let that settle.")
	case r.out.Effect == Machines && c.Replicas == 2:
		r.warning("KC041", "its control plane has 2 machines: etcd has no quorum while one is missing",
			"Make it 3 machines first, and let that settle.")
	case r.out.Effect == Pods && c.Replicas == 1:
		r.warning("KC040", "its control plane has a single pod: the API server is gone while it is replaced", "")
	}
}

// warnClearing warns of what happens when a configuration goes.
func (r *rolling) warnClearing() {
	if kept := r.after.keepsSecret(r.cluster); kept != "" {
		r.warning("KC043", "secret "+k0rdent.AuthSecretName(r.cluster.Name)+" stays: "+kept,
			"Delete it when the control plane has settled.")
		return
	}
	r.warning("KC043", "KCM deletes secret "+k0rdent.AuthSecretName(r.cluster.Name)+" before the control plane rolls",
		"Until then a member that starts anew can't find its configuration, and does not start.")
}

// warnEra tells when it is another KCM that changes the bytes, not the object.
func (r *rolling) warnEra() {
	a := r.after.authentication(r.cluster.Namespace, r.cluster.ClusterAuth)
	if a == nil || a.Problem != nil || a.Configuration == nil || r.out.OldHash == "" {
		return
	}
	other := k0rdent.AsWritten
	if r.after.Era == k0rdent.AsWritten {
		other = k0rdent.ForcedV1
	}
	if then, err := k0rdent.Render(a.ClusterAuthentication, a.CA, other); err == nil && then.Hash == r.out.OldHash {
		r.warning("KC044", fmt.Sprintf("it rolls because of KCM, not because of a change: KCM %s writes another apiVersion than what is there", eraName(r.after)),
			"KCM 1.10 and later write apiserver.config.k8s.io/v1 whatever the object says, those before write what it says.")
	}
}

// eraName says which KCM it is, or else of which era.
func eraName(s *State) string {
	if s.KCM.Version != "" {
		return s.KCM.Version
	}
	if s.Era == k0rdent.AsWritten {
		return "1.9 and before"
	}
	return "1.10 and later"
}

func (r *rolling) warning(id, message, why string) {
	r.out.Warnings = append(r.out.Warnings, finding.Finding{
		ID: id, Severity: severityOf(id), Object: r.cluster.object(), Message: message, Why: why,
	})
}
