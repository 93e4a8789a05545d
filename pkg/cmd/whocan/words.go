package whocan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// checkWords checks the arguments of the bare command, where all that is no command of its own ends up. Its errors tell
// those who meet it for the first time what to write; what is wrong later is told by parseWords.
func checkWords(cmd *cobra.Command, args []string) error {
	const form = "VERB RESOURCE [NAME]"
	name := cmd.CommandPath()
	switch {
	case len(args) == 0:
		return errors.New("want " + form + ", or VERB /URL, or a command; such as:\n" +
			name + " get secrets -n kube-system\n" + name + " why alice delete pods -n dev\n" + name + " rules sa:ci/deployer")
	case cmd.ArgsLenAtDash() != 0 && !rbac.KnownVerb(args[0]):
		var commands []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				commands = append(commands, sub.Name())
			}
		}
		if near := rbac.Nearest(args[0], commands); len(near) > 0 {
			return fmt.Errorf("%q is neither a command nor a verb that is known%s", args[0],
				question.DidYouMean([]string{name + " " + strings.Join(near, ", "+name+" ")}))
		}
	}
	switch {
	case len(args) > 3:
		return errors.New("want " + form + ": one name at a time")
	case len(args) == 1 && !rbac.KnownVerb(args[0]):
		if r, err := rbac.NewCatalog(nil).Resolve(args[0], "", false); err == nil && r.Known {
			return fmt.Errorf("the verb is missing: %s get %s", name, args[0])
		}
	}
	return nil
}
