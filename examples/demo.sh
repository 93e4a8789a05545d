#!/bin/sh
# Asks the example company the questions that Gatehouse is for. No cluster is contacted.
#   examples/demo.sh [DIRECTORY-OF-THE-PLUGINS]
set -u
cd "$(dirname "$0")/.." || exit 1
plugins=${1:-bin}
failed=0

# ask CODE PLUGIN ARGUMENT... shows a command and runs it; CODE is the exit code it must end with.
ask() {
	want=$1
	plugin=$2
	shift 2
	printf '\n$ kubectl %s' "$plugin"
	for word in "$@"; do
		case $word in
		*[!A-Za-z0-9@%+=:,./_-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	"$plugins/kubectl-$plugin" "$@"
	got=$?
	if [ "$got" -ne "$want" ]; then
		echo "demo: exit code $got, want $want" >&2
		failed=1
	fi
}

echo "# Acme is a small company with nine workspaces; examples/acme/README.md says who is who."

echo
echo "# Who can read the Secrets of a workspace, and through what?"
ask 0 whocan get secrets -n team-vision --from examples/acme

echo
echo "# Why can't Bob delete pods next door?"
ask 1 whocan why bob@acme.example delete pods -n team-nlp --from examples/acme --groups-file examples/acme-groups.yaml

echo
echo "# In which namespaces can who open a shell?"
ask 0 whocan create pods/exec -A --from examples/acme

echo
echo "# What may the site reliability team do, over all namespaces?"
ask 0 whocan rules group:sre --from examples/acme

echo
echo "# Who may do what with pods in the catalog?"
ask 0 whocan matrix pods -n catalog --from examples/acme

echo
echo "# What would change without one binding?"
ask 1 whocan diff --from examples/acme --without rolebinding/checkout/registry-credentials --fail-on lost

echo
echo "# Does the company's access look as it is meant to?"
ask 0 whocan check -f examples/acme-expectations.yaml --from examples/acme --groups-file examples/acme-groups.yaml

echo
echo "# Which workspaces are there, whose, and in what state?"
ask 0 profile list --from examples/acme

echo
echo "# Who is in one of them, how did he get there, and does Istio let him in?"
ask 0 contrib list -n team-vision --from examples/acme

echo
echo "# What would be written to let one more in, for Git?"
ask 0 contrib add frank@acme.example --role viewer --expires 7d -n team-vision --from examples/acme \
	--dry-run=client -o yaml

echo
echo "# What is broken there, and what follows from it?"
ask 1 contrib doctor --from examples/acme -A

echo
echo "# Who would a developer be to an API server with this configuration, and why?"
ask 0 clusterauth test-token -f examples/logins/auth.yaml --claims examples/logins/claims.json --steps

echo
echo "# Does everybody get in who must, as whom he should, and nobody else?"
ask 0 clusterauth test-token -f examples/logins/auth.yaml -f examples/logins/cases.yaml

echo
echo "# Would the API server of an older cluster start with it?"
ask 1 clusterauth validate -f examples/logins/auth.yaml --kubernetes-version 1.33

echo
echo "# What will k0rdent do to the control planes of the clusters in the shops, if nobody changes anything?"
ask 0 clusterauth plan -A --from examples/acme/k0rdent

echo
echo "# Does the template of a cluster use the configuration that it is given?"
ask 1 clusterauth lint-template examples/charts/seed-hosted

echo
echo "# Who gets work into a queue, and by which way?"
ask 0 queueaccess who science --from examples/acme

echo
echo "# Do its users have the rights that they need in its namespaces, and no more?"
ask 1 queueaccess check --from examples/acme

echo
echo "# What do role words really allow: in Kubernetes, in Kubeflow, in Kalm?"
ask 0 contrib roles --from examples/acme

echo
echo "# What would be written for a token that may restart one Deployment?"
ask 0 accesstoken create restarter -n catalog --may get,patch:deployments.apps/web --expires 30d --from examples/acme \
	--dry-run=client -o yaml

exit $failed
