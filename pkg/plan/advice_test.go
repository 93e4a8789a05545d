package plan_test

import (
	"errors"
	"fmt"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	var (
		untriable = fmt.Errorf("create rolebinding a/b: %w", apierrors.NewBadRequest("admission webhook x does not support dry run"))
		escalates = apierrors.NewForbidden(schema.GroupResource{Resource: "rolebindings"}, "b",
			errors.New("user \"ann\" is attempting to grant RBAC permissions not currently held: []"))
		other = errors.New("the webhook does not support dry run")
	)
	tests := map[string]struct {
		err               error
		untriable, advice bool
	}{
		"can't try":             {err: untriable, untriable: true},
		"can't try any":         {err: errors.Join(untriable, untriable), untriable: true},
		"can't try, or refused": {err: errors.Join(untriable, fmt.Errorf("b: %w", escalates)), advice: true},
		"refused":               {err: fmt.Errorf("b: %w", escalates), advice: true},
		"bad for other reasons": {err: apierrors.NewBadRequest("no")},
		"of nobody's":           {err: other},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := plan.IsUntriable(tt.err); got != tt.untriable {
				t.Errorf("IsUntriable = %v, want %v", got, tt.untriable)
			}
			if got := plan.Advice(tt.err); (got != "") != tt.advice {
				t.Errorf("Advice = %q, want some: %v", got, tt.advice)
			}
		})
	}
}
