# Everything here needs Go, make and git, and nothing else. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := build

PLUGINS := $(notdir $(wildcard plugins/kubectl-*))
TOOL := go tool -modfile=$(CURDIR)/tools.mod

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo v0.0.0-unknown)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
# The time of the commit, not of the build: the same sources give the same bytes.
DATE ?= $(shell git log -1 --format=%cI 2>/dev/null)
CLI := github.com/kubegatehouse/gatehouse/pkg/cli
LDFLAGS := -s -w -X $(CLI).version=$(VERSION) -X $(CLI).commit=$(COMMIT) -X $(CLI).date=$(DATE)

export CGO_ENABLED ?= 0

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

## Building

.PHONY: build
build: $(PLUGINS:%=bin/%) ## Build every plugin into bin/

.PHONY: FORCE
bin/%: FORCE
	@mkdir -p bin
	go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./plugins/$*

.PHONY: demo
demo: build ## Ask the example company, without a cluster
	@examples/demo.sh bin

## Testing

.PHONY: test
test: unit conformance e2e ## Run every test, real API server included

.PHONY: unit
unit: ## Run the tests that need no API server
	$(TOOL) gotestsum --format pkgname -- ./...

.PHONY: race
race: ## Run the unit tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./...

.PHONY: conformance
conformance: ## Compare the engine with the API server's own authorizer, and what goes with it: all tests of test/ but e2e
	cd test && $(TOOL) gotestsum --format pkgname -- -count=1 -timeout 30m $$(go list ./... | grep -v /e2e)

.PHONY: e2e
e2e: build ## Run the plugins against a real API server
	cd test && $(TOOL) gotestsum --format pkgname -- -count=1 -timeout 30m ./e2e/...

.PHONY: fuzz
FUZZTIME ?= 60s
fuzz: ## Run every fuzz target for FUZZTIME
	@grep -rnoE '^func Fuzz[A-Za-z]+' --include='*_test.go' pkg | sed -E 's,^(pkg/.*)/[^/]+:[0-9]+:func ,\1 ,' | \
		while read -r dir f; do go test ./$$dir -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) || exit 1; done

.PHONY: bench
bench: build ## Time queries on big clusters and print the ratios to the floor
	cd test && go test -run '^$$' -bench Engine ./bench/engine
	cd test && go test -run '^$$' -bench 'Frames|Burst' -benchtime 1x ./bench/frames
	cd test && go run ./bench

.PHONY: golden
golden: build ## Write the golden files anew
	GATEHOUSE_UPDATE=1 go test ./...

## A cluster to try things on

.PHONY: sandbox
sandbox: ## Start an API server with the example company; prints the export line
	@cd test && go run ./controlplane/sandbox --manifests $(CURDIR)/examples/acme --kubeflow

.PHONY: sandbox-stop
sandbox-stop: ## End it
	@cd test && go run ./controlplane/sandbox stop

## Checking

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt ./...
	cd test && $(TOOL) golangci-lint fmt --config ../.golangci.yaml ./...

.PHONY: lint
lint: ## Lint the code, import rules included
	$(TOOL) golangci-lint run ./...
	cd test && $(TOOL) golangci-lint run --config ../.golangci.yaml ./...

.PHONY: vet
vet:
	go vet ./...
	cd test && go vet ./...

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities (asks the vulnerability database)
	$(TOOL) govulncheck ./...

.PHONY: docs
docs: ## Write the reference pages and the pictures of docs/ anew
	go run ./docs/gen docs

.PHONY: pictures
pictures: ## Draw the pictures of docs/ anew
	go run ./docs/gen --pictures docs

.PHONY: docs-check
docs-check: ## Check that docs/ is in step with the programs
	go run ./docs/gen --check docs

.PHONY: tidy-check
tidy-check:
	go mod tidy -diff
	cd test && go mod tidy -diff

.PHONY: fmt-check
fmt-check:
	$(TOOL) golangci-lint fmt --diff ./...
	cd test && $(TOOL) golangci-lint fmt --diff --config ../.golangci.yaml ./...

.PHONY: verify
verify: tidy-check fmt-check lint vet build docs-check race test demo ## All that must hold before a change lands
