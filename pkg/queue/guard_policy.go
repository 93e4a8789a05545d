package queue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
)

// The policies of a guard; their bindings have the same names, and another for updates where they read the configuration.
const (
	guardUser       = "gatehouse-queue-user"
	guardKaiwo      = "gatehouse-queue-kaiwo"
	guardLabels     = "gatehouse-queue-labels"
	guardLocals     = "gatehouse-queue-localqueues"
	guardNamespaces = "gatehouse-queue-namespaces"
	onUpdate        = "-update"
)

// policy is one policy of a guard, without what they all have.
type policy struct {
	name string
	// groups and resources are what it looks at; labelled says that only objects with the label of a queue count.
	groups, resources []string
	labelled          bool
	// params says that it reads the KaiwoQueueConfig, lenient that what it forbids is let through while there is none.
	params, lenient bool
	conditions      []admissionv1.MatchCondition
	variables       []admissionv1.Variable
	validations     []admissionv1.Validation
}

// guardObjects are the policies of a guard, each with its bindings.
func (s *State) guardObjects(o GuardOptions) ([]*unstructured.Unstructured, error) {
	policies := []policy{userPolicy(o), s.kaiwoPolicy(o), labelPolicy(o), localPolicy(o)}
	if o.Labels {
		policies = append(policies, s.namespacePolicy())
	}
	var out []*unstructured.Unstructured
	for _, p := range policies {
		objects, err := p.objects(o.Mode)
		if err != nil {
			return nil, fmt.Errorf("write policy %s: %w", p.name, err)
		}
		out = append(out, objects...)
	}
	return out, nil
}

// userPolicy binds spec.user to who creates the work. Who may impersonate a user may submit for him, too.
func userPolicy(o GuardOptions) policy {
	operator := "system:serviceaccount:" + kaiwo.SystemNamespace + ":" + kaiwo.OperatorAccount
	exempt := slices.Concat([]string{operator}, slices.Sorted(slices.Values(o.Exempt)))
	own := "variables.user == request.userInfo.username"
	if o.UserPrefix != "" {
		own += " || " + celText(o.UserPrefix) + " + variables.user == request.userInfo.username"
	}
	may := "authorizer.group('').resource('users').name(variables.user).check('impersonate').allowed()"
	return policy{
		name: guardUser, groups: []string{kaiwo.Group}, resources: []string{kaiwo.JobResource, kaiwo.ServiceResource},
		conditions: []admissionv1.MatchCondition{{
			Name: "not-exempt", Expression: "!(request.userInfo.username in " + celTexts(slices.Compact(exempt)) + ")",
		}},
		variables: []admissionv1.Variable{
			{Name: "user", Expression: "has(object.spec) && has(object.spec.user) ? object.spec.user : ''"},
			{Name: "before", Expression: "request.operation == 'UPDATE' && has(oldObject.spec) && has(oldObject.spec.user) ? oldObject.spec.user : ''"},
		},
		validations: []admissionv1.Validation{
			{
				Expression:        "request.operation != 'CREATE' || " + own + " || " + may,
				Message:           "spec.user must be who creates the work",
				MessageExpression: "'spec.user must be ' + request.userInfo.username + ', who creates it: it is \"' + variables.user + '\"'",
			},
			{
				Expression:        "request.operation != 'UPDATE' || variables.user == variables.before || " + may,
				Message:           "spec.user may not be changed",
				MessageExpression: "'spec.user may not be changed: it is \"' + variables.before + '\"'",
			},
		},
	}
}

// kaiwoPolicy binds the queue that work of Kaiwo names, or the default one, to its namespaces.
func (s *State) kaiwoPolicy(o GuardOptions) policy {
	queueOf := func(object string) string {
		return fmt.Sprintf("has(%[1]s.spec) && has(%[1]s.spec.clusterQueue) && %[1]s.spec.clusterQueue != '' ? %[1]s.spec.clusterQueue : %[2]s",
			object, celText(s.settings.DefaultQueue))
	}
	return binding(o, policy{
		name: guardKaiwo, groups: []string{kaiwo.Group}, resources: []string{kaiwo.JobResource, kaiwo.ServiceResource},
	}, queueOf("object"), queueOf("oldObject"))
}

// labelPolicy binds the LocalQueue that any other work names by its label: LocalQueues of a queue's own name are that queue's.
func labelPolicy(o GuardOptions) policy {
	queueOf := func(object string) string {
		return fmt.Sprintf("has(%[1]s.metadata.labels) && %[2]s in %[1]s.metadata.labels ? %[1]s.metadata.labels[%[2]s] : ''",
			object, celText(kueue.QueueLabel))
	}
	return binding(o, policy{
		name: guardLabels, groups: []string{"*"}, resources: []string{"*"}, labelled: true,
	}, queueOf("object"), queueOf("oldObject"))
}

// localPolicy binds the queue that a LocalQueue leads to, whatever its name is, and the LocalQueue that a Workload waits in,
// which somebody may have made without a job.
func localPolicy(o GuardOptions) policy {
	queueOf := func(object string) string {
		return fmt.Sprintf("!has(%[1]s.spec) ? '' : has(%[1]s.spec.clusterQueue) ? %[1]s.spec.clusterQueue : "+
			"has(%[1]s.spec.queueName) ? %[1]s.spec.queueName : ''", object)
	}
	return binding(o, policy{
		name: guardLocals, groups: []string{kueue.Group}, resources: []string{kueue.LocalQueueResource, kueue.WorkloadResource},
	}, queueOf("object"), queueOf("oldObject"))
}

// binding adds to a policy that the queue of an object is for its namespace. What was so before is let be: an object must
// stay free to be changed otherwise, finalized and deleted when the configuration changes.
func binding(o GuardOptions, p policy, queue, before string) policy {
	p.params = true
	p.variables = []admissionv1.Variable{
		{Name: "queue", Expression: queue},
		{Name: "before", Expression: "request.operation == 'UPDATE' ? (" + before + ") : ''"},
	}
	guarded := "q.name == variables.queue"
	if len(o.Queues) > 0 {
		guarded = "q.name in " + celTexts(slices.Compact(slices.Sorted(slices.Values(o.Queues)))) + " && " + guarded
	}
	p.validations = []admissionv1.Validation{{
		Expression: "request.operation == 'UPDATE' && variables.queue == variables.before || " +
			"!(has(params.spec) && has(params.spec.clusterQueues) && params.spec.clusterQueues.exists(q, " + guarded +
			" && has(q.namespaces) && size(q.namespaces) > 0 && !(request.namespace in q.namespaces)))",
		Message: "the queue is not for this namespace",
		MessageExpression: "'queue ' + variables.queue + ' is not for namespace ' + request.namespace + " +
			"': kaiwoqueueconfig " + kaiwo.ConfigName + " says for which it is'",
	}}
	return p
}

// namespacePolicy keeps labels that selectors look at from those who may not change the queue configuration.
func (s *State) namespacePolicy() policy {
	config, _, _ := s.Kueue()
	keys := []string{kueue.ManagedLabel}
	keys = append(keys, slices.Sorted(maps.Keys(config.Required))...)
	slices.Sort(keys)
	name := celText(corev1.LabelMetadataName)
	kept := "((%[1]s in variables.old) == (%[1]s in variables.new) && (!(%[1]s in variables.old) || variables.old[%[1]s] == variables.new[%[1]s]))"
	key, pair := fmt.Sprintf(kept, "k"), fmt.Sprintf(kept, "e.key")
	selector := "q.spec.namespaceSelector"
	return policy{
		name: guardNamespaces, groups: []string{""}, resources: []string{"namespaces"}, params: true, lenient: true,
		conditions: []admissionv1.MatchCondition{{
			Name: "not-of-the-queues", Expression: "!authorizer.group('" + kaiwo.Group + "').resource('kaiwoqueueconfigs').name('" +
				kaiwo.ConfigName + "').check('update').allowed()",
		}},
		variables: []admissionv1.Variable{
			{Name: "new", Expression: "has(object.metadata.labels) ? object.metadata.labels : {}"},
			{Name: "old", Expression: "request.operation == 'UPDATE' && has(oldObject.metadata.labels) ? oldObject.metadata.labels : {}"},
		},
		validations: []admissionv1.Validation{
			{
				Expression: celTexts(slices.Compact(keys)) + ".all(k, " + key + ")",
				Message:    "who may not change the queue configuration may not change the labels by which Kueue knows its namespaces: " + strings.Join(slices.Compact(keys), ", "),
			},
			{
				Expression: "!has(params.spec) || !has(params.spec.clusterQueues) || params.spec.clusterQueues.all(q, " +
					"!has(q.spec) || !has(" + selector + ") || " +
					"(!has(" + selector + ".matchLabels) || " + selector + ".matchLabels.all(k, k == " + name + " || " + key + ")) && " +
					"(!has(" + selector + ".matchExpressions) || " + selector + ".matchExpressions.all(e, e.key == " + name + " || " + pair + ")))",
				Message: "who may not change the queue configuration may not change the labels of namespaces that the selectors of queues look at",
			},
		},
	}
}

// objects are the policy and its bindings. All that the API server would add is written out, so that what is there can be
// compared.
func (p *policy) objects(mode GuardMode) ([]*unstructured.Unstructured, error) {
	failure := admissionv1.Fail
	if mode != GuardDeny {
		failure = admissionv1.Ignore // a guard that only tells may not be in the way, whatever happens to it
	}
	spec := admissionv1.ValidatingAdmissionPolicySpec{
		FailurePolicy: &failure, MatchConditions: p.conditions, Variables: p.variables, Validations: p.validations,
		MatchConstraints: matching(p.groups, p.resources, admissionv1.Create, admissionv1.Update),
	}
	if p.labelled {
		spec.MatchConstraints.ObjectSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{
			Key: kueue.QueueLabel, Operator: metav1.LabelSelectorOpExists,
		}}
		namespaced := admissionv1.NamespacedScope
		spec.MatchConstraints.ResourceRules[0].Scope = &namespaced
	}
	if p.params {
		spec.ParamKind = &admissionv1.ParamKind{APIVersion: kaiwo.Group + "/" + kaiwo.Version, Kind: "KaiwoQueueConfig"}
	}
	made, err := guardSpec("ValidatingAdmissionPolicy", p.name, &spec)
	if err != nil {
		return nil, err
	}
	out := []*unstructured.Unstructured{made}
	actions := map[GuardMode][]admissionv1.ValidationAction{
		GuardDeny: {admissionv1.Deny, admissionv1.Audit}, GuardWarn: {admissionv1.Warn, admissionv1.Audit}, GuardAudit: {admissionv1.Audit},
	}[mode]
	bind := func(name string, missing admissionv1.ParameterNotFoundActionType, operations ...admissionv1.OperationType) error {
		spec := admissionv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: p.name, ValidationActions: actions}
		if p.params {
			spec.ParamRef = &admissionv1.ParamRef{Name: kaiwo.ConfigName, ParameterNotFoundAction: &missing}
			spec.MatchResources = matching([]string{"*"}, []string{"*"}, operations...)
		}
		made, err := guardSpec("ValidatingAdmissionPolicyBinding", name, &spec)
		out = append(out, made)
		return err
	}
	switch {
	case !p.params:
		err = bind(p.name, "")
	case p.lenient:
		err = bind(p.name, admissionv1.AllowAction, admissionv1.Create, admissionv1.Update)
	default:
		// While there is no configuration nothing that names a queue is made, and what is there can still be finalized.
		err = errors.Join(bind(p.name, admissionv1.DenyAction, admissionv1.Create), bind(p.name+onUpdate, admissionv1.AllowAction, admissionv1.Update))
	}
	return out, err
}

func matching(groups, resources []string, operations ...admissionv1.OperationType) *admissionv1.MatchResources {
	equivalent, all := admissionv1.Equivalent, admissionv1.AllScopes
	return &admissionv1.MatchResources{
		MatchPolicy: &equivalent, NamespaceSelector: &metav1.LabelSelector{}, ObjectSelector: &metav1.LabelSelector{},
		ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: operations,
			Rule:       admissionv1.Rule{APIGroups: groups, APIVersions: []string{"*"}, Resources: resources, Scope: &all},
		}}},
	}
}

// guardSpec returns an object of a guard.
func guardSpec(kind, name string, spec any) (*unstructured.Unstructured, error) {
	written, err := runtime.DefaultUnstructuredConverter.ToUnstructured(spec)
	if err != nil {
		return nil, err
	}
	o := guardObject(kind, name)
	o.SetLabels(map[string]string{GuardLabel: "true"})
	o.Object["spec"] = written
	return o, nil
}

// celText writes a string as CEL reads it, and celTexts a list of them. CEL knows Go's escapes.
func celText(text string) string { return strconv.Quote(text) }

func celTexts(texts []string) string {
	quoted := make([]string, 0, len(texts))
	for _, text := range texts {
		quoted = append(quoted, celText(text))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
