#!/bin/sh
# Asks the example company the questions that Gatehouse is for. No cluster is contacted.
#   examples/demo.sh [PATH-OF-KUBECTL-WHOCAN]
set -u
cd "$(dirname "$0")/.." || exit 1
plugin=${1:-bin/kubectl-whocan}
failed=0

# ask CODE ARGUMENT... shows a command and runs it; CODE is the exit code it must end with.
ask() {
	want=$1
	shift
	printf '\n$ kubectl whocan'
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9@%+=:,./_-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$plugin" "$@"
	got=$?
	if [ "$got" -ne "$want" ]; then
		echo "demo: exit code $got, want $want" >&2
		failed=1
	fi
}

echo "# Acme is a small company with nine workspaces; examples/acme/README.md says who is who."

echo
echo "# Who can read the Secrets of a workspace, and through what?"
ask 0 get secrets -n team-vision --from examples/acme

echo
echo "# Why can't Bob delete pods next door?"
ask 1 why bob@acme.example delete pods -n team-nlp --from examples/acme --groups-file examples/acme-groups.yaml

echo
echo "# In which namespaces can who open a shell?"
ask 0 create pods/exec -A --from examples/acme

echo
echo "# What may the site reliability team do, over all namespaces?"
ask 0 rules group:sre --from examples/acme

echo
echo "# Who may do what with pods in the catalog?"
ask 0 matrix pods -n catalog --from examples/acme

echo
echo "# What would change without one binding?"
ask 1 diff --from examples/acme --without rolebinding/checkout/registry-credentials --fail-on lost

echo
echo "# Does the company's access look as it is meant to?"
ask 0 check -f examples/acme-expectations.yaml --from examples/acme --groups-file examples/acme-groups.yaml

exit $failed
