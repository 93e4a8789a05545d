package chart

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/util/version"
)

// defaultKubeVersion is what a chart is rendered for when nobody says otherwise.
const defaultKubeVersion = "v1.36.3"

// helmVersion is what Helm 3.20 says of itself as ".Capabilities.HelmVersion.Version".
const helmVersion = "v3.20"

// capabilities is what templates see as ".Capabilities": names are Helm's.
type capabilities struct {
	KubeVersion kubeVersion
	APIVersions versionSet
	HelmVersion buildInfo
}

type kubeVersion struct{ Version, Major, Minor string }

// String is what printing it gives.
func (v *kubeVersion) String() string { return v.Version }

// GitVersion is the old name of Version.
func (v *kubeVersion) GitVersion() string { return v.Version }

type versionSet []string

// Has says whether an API version is there: "apps/v1".
func (s versionSet) Has(apiVersion string) bool { return slices.Contains(s, apiVersion) }

type buildInfo struct {
	Version      string `json:"version,omitempty"`
	GitCommit    string `json:"git_commit,omitempty"`
	GitTreeState string `json:"git_tree_state,omitempty"`
	GoVersion    string `json:"go_version,omitempty"`
}

func newCapabilities(kubernetes string, more []string) (*capabilities, error) {
	if kubernetes == "" {
		kubernetes = defaultKubeVersion
	}
	v, err := version.ParseGeneric(kubernetes)
	if err != nil {
		return nil, fmt.Errorf("parse Kubernetes version %q: %w", kubernetes, err)
	}
	return &capabilities{
		KubeVersion: kubeVersion{
			Version: "v" + v.String(),
			Major:   strconv.FormatUint(uint64(v.Major()), 10),
			Minor:   strconv.FormatUint(uint64(v.Minor()), 10),
		},
		APIVersions: append(builtIn(), more...),
		HelmVersion: buildInfo{Version: helmVersion, GoVersion: runtime.Version()},
	}, nil
}
