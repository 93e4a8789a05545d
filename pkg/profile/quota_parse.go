package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// ParseQuota reads limits as a flag gives them: "cpu=2,memory=2Gi,requests.nvidia.com/gpu=1". The error is a
// [workspace.Refusal]; it joins one for each mistake: names that an API server does not take, or takes and never counts,
// and quantities that it refuses, or that cannot be meant.
func ParseQuota(text string) (corev1.ResourceList, error) {
	var errs []error
	out := corev1.ResourceList{}
	for part := range strings.SplitSeq(text, ",") {
		name, amount, ok := strings.Cut(part, "=")
		name, amount = strings.TrimSpace(name), strings.TrimSpace(amount)
		if !ok || name == "" || amount == "" {
			errs = append(errs, fmt.Errorf("%q: want RESOURCE=AMOUNT", strings.TrimSpace(part)))
			continue
		}
		if _, twice := out[corev1.ResourceName(name)]; twice {
			errs = append(errs, fmt.Errorf("resource %q: it is there twice", name))
			continue
		}
		if err := checkCounted(name); err != nil {
			errs = append(errs, err)
			continue
		}
		q, err := parseAmount(name, amount)
		if err == nil && isBytes(name) && q.MilliValue()%1000 != 0 {
			err = fmt.Errorf("resource %q: %s is less than a byte; did you mean %si?",
				name, amount, strings.ToUpper(amount))
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out[corev1.ResourceName(name)] = q
	}
	if err := errors.Join(errs...); err != nil {
		return nil, workspace.Refuse("a quota looks like cpu=2,memory=2Gi,requests.nvidia.com/gpu=1", "parse quota: %w", err)
	}
	return out, nil
}

// ParseQuotaNames reads the names of resources as a flag gives them: "cpu,memory". They are not checked: what an API
// server refuses may still stand in a profile, and has to come out of it.
func ParseQuotaNames(text string) ([]corev1.ResourceName, error) {
	var out []corev1.ResourceName
	for part := range strings.SplitSeq(text, ",") {
		name := corev1.ResourceName(strings.TrimSpace(part))
		if name == "" || strings.Contains(string(name), "=") {
			return nil, workspace.Refuse("name the resources only: cpu,memory", "parse resources %q: want RESOURCE,RESOURCE", text)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// checkCounted says what is wrong with a resource that is to be limited now.
func checkCounted(name string) error {
	counted, err := checkResource(name)
	if err == nil && !counted {
		err = errors.New(uncounted(name))
	}
	return err
}

// hard returns a reader of a mapping of resources to amounts. Resources that an API server takes but never counts pass:
// files that are in use may hold them.
func (f *file) hard(what string, to *corev1.ResourceList) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = corev1.ResourceList{}
		for _, m := range f.Members(n, what) {
			value := document.Target(m.Value)
			if value.Kind != yaml.ScalarNode || document.IsNull(value) || value.ShortTag() == "!!bool" {
				f.Fail(m.Line, "%s: resource %q: want a quantity, not %s", what, m.Name, document.Describe(value))
				continue
			}
			if _, err := checkResource(m.Name); err != nil {
				f.Fail(m.Line, "%s: %s", what, err)
				continue
			}
			amount, err := parseAmount(m.Name, value.Value)
			if err != nil {
				f.Fail(m.Line, "%s: %s", what, err)
				continue
			}
			(*to)[corev1.ResourceName(m.Name)] = amount
		}
	}
}

// quotaSpec returns a reader of a ResourceQuotaSpec. One that is there but limits nothing says that there is no quota.
func (f *file) quotaSpec(what string, to *corev1.ResourceQuotaSpec) func(*yaml.Node) {
	return func(n *yaml.Node) {
		to.Hard = corev1.ResourceList{}
		f.Mapping(n, what,
			document.Key("hard", f.hard(what+".hard", &to.Hard)),
			document.Key("scopes", func(n *yaml.Node) {
				for _, item := range f.List(n, what+".scopes") {
					if word, ok := f.scope(item, what+".scopes"); ok {
						to.Scopes = append(to.Scopes, word)
					}
				}
			}),
			document.Key("scopeSelector", func(n *yaml.Node) {
				to.ScopeSelector = &corev1.ScopeSelector{}
				f.Mapping(n, what+".scopeSelector", document.Key("matchExpressions", func(n *yaml.Node) {
					for _, item := range f.List(n, what+".matchExpressions") {
						to.ScopeSelector.MatchExpressions = append(to.ScopeSelector.MatchExpressions, f.scopeTerm(item))
					}
				}))
			}),
		)
	}
}

func (f *file) scopeTerm(n *yaml.Node) corev1.ScopedResourceSelectorRequirement {
	var term corev1.ScopedResourceSelectorRequirement
	var operator string
	given := f.Mapping(n, "matchExpression",
		document.Key("operator", f.Text("operator", &operator)),
		document.Key("scopeName", func(n *yaml.Node) { term.ScopeName, _ = f.scope(n, "scopeName") }),
		document.Key("values", func(n *yaml.Node) {
			for _, item := range f.List(n, "values") {
				if word, ok := f.Word(item, "values"); ok {
					term.Values = append(term.Values, word)
				}
			}
		}),
	)
	for _, name := range []string{"operator", "scopeName"} {
		if !given[name] {
			f.Fail(document.Target(n).Line, "matchExpression: field %q is missing", name)
		}
	}
	term.Operator = corev1.ScopeSelectorOperator(operator)
	operators := []corev1.ScopeSelectorOperator{
		corev1.ScopeSelectorOpIn, corev1.ScopeSelectorOpNotIn, corev1.ScopeSelectorOpExists, corev1.ScopeSelectorOpDoesNotExist,
	}
	if operator != "" && !slices.Contains(operators, term.Operator) {
		f.Fail(document.Target(n).Line, "operator: %q is not known: want In, NotIn, Exists or DoesNotExist", operator)
	}
	return term
}

func (f *file) scope(n *yaml.Node, what string) (corev1.ResourceQuotaScope, bool) {
	word, ok := f.Word(n, what)
	scope := corev1.ResourceQuotaScope(word)
	known := []corev1.ResourceQuotaScope{
		corev1.ResourceQuotaScopeTerminating, corev1.ResourceQuotaScopeNotTerminating, corev1.ResourceQuotaScopeBestEffort,
		corev1.ResourceQuotaScopeNotBestEffort, corev1.ResourceQuotaScopePriorityClass,
		corev1.ResourceQuotaScopeCrossNamespacePodAffinity, corev1.ResourceQuotaScopeVolumeAttributesClass,
	}
	if ok && !slices.Contains(known, scope) {
		f.Fail(document.Target(n).Line, "%s: scope %q is not known: want one of %v", what, word, known)
		return "", false
	}
	return scope, ok
}
