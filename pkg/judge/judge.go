// Package judge puts together what all domains find wrong with what was read: workspaces, their members, how clusters
// authenticate, queues, tokens, and how people log in to Kalm. The doctor of everything and the browser say the same because both ask here.
//
// It is a room above the domains. The plugins that know one domain only ask that domain itself.
package judge

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// All returns what is wrong with what was read, of every domain, the gravest first. The index holds the roles and bindings
// of the same source. Rules that need a kind of objects that was not read are silent.
func All(s *workspace.State, index *rbac.Index) []finding.Finding {
	out := slices.Concat(
		Workspaces(s), Clusters(clusterauth.NewState(s.Inventory, clusterauth.Options{Now: s.Now}), index),
		queues(s, index), token.Judge(token.NewState(s.Inventory, index, s.Now)),
		Logins(sso.NewState(s.Inventory, s.Now), index),
	)
	out = Once(out)
	finding.Sort(out)
	return out
}

// Workspaces returns what is wrong with workspaces and their members, the gravest first.
func Workspaces(s *workspace.State) []finding.Finding {
	out := slices.Concat(profile.Judge(s), contrib.Judge(s))
	finding.Sort(out)
	return out
}

// Clusters returns what is wrong with the authentication of clusters, the gravest first: with the objects themselves, and
// with who may write them, which the index tells.
func Clusters(s *clusterauth.State, index *rbac.Index) []finding.Finding {
	out := slices.Concat(clusterauth.Judge(s), clusterauth.JudgeEditors(s, index))
	finding.Sort(out)
	return out
}

// queues judges queues where there are any, or a KaiwoQueueConfig; where there is neither, nothing is worked out.
func queues(s *workspace.State, index *rbac.Index) []finding.Finding {
	if !queue.Any(s.Inventory) {
		return nil
	}
	return Queues(queue.NewState(s.Inventory, index, s.Now))
}

// Queues returns what is wrong with queues and with the rights of those who use them, the gravest first; nothing where there
// are none, and no KaiwoQueueConfig either.
func Queues(s *queue.State) []finding.Finding {
	if !queue.Any(s.Inventory) {
		return nil
	}
	return queue.Judge(s)
}

// Logins returns what is wrong with how people log in to Kalm, the gravest first: with its configuration, and with who may
// get around it, which the index tells.
func Logins(s *sso.State, index *rbac.Index) []finding.Finding {
	out := slices.Concat(sso.Judge(s), sso.JudgeRights(s, index))
	finding.Sort(out)
	return out
}
