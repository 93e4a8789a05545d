package kube

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/homedir"
	"k8s.io/kubectl/pkg/config"
	"k8s.io/kubectl/pkg/config/scheme"
)

// readPreference reads the user's kuberc file as kubectl does: the one that $KUBERC names, or else ~/.kube/kuberc. It is
// nil when there is none, and with KUBERC=off. What is wrong with a file that nobody named is told on errOut and is no
// error; neither is a field that isn't known. kubectl's own reader comes with all of kubectl's connection code, which
// docs/decisions/0004 does without.
func readPreference(errOut io.Writer) (*config.Preference, error) {
	path := os.Getenv("KUBERC")
	named := path != ""
	switch path {
	case "off":
		return nil, nil
	case "":
		path = filepath.Join(homedir.HomeDir(), clientcmd.RecommendedHomeDir, "kuberc")
	}
	data, err := os.ReadFile(path)
	var preference *config.Preference
	if err == nil {
		preference, err = decodePreference(data, path)
	}
	switch {
	case preference != nil && err != nil:
		tellPreference(errOut, "ignoring strict decoding error in %s: %v", path, err)
		return preference, nil
	case err != nil && named:
		return nil, fmt.Errorf("kuberc: %w", err)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		tellPreference(errOut, "no preferences loaded from %s: %v", path, err)
		return nil, nil
	}
	return preference, nil
}

func tellPreference(errOut io.Writer, format string, args ...any) {
	// The decoder's text may have several lines.
	text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	_, _ = fmt.Fprintf(errOut, "kuberc: %s\n", visible(text))
}

// decodePreference returns the first document of a kuberc file that is a preference in a version that is known, with an
// error if it has fields that are not. An empty file has none.
func decodePreference(data []byte, path string) (*config.Preference, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	tried := false
	for {
		document, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF) && tried:
			return nil, fmt.Errorf("no valid preferences found in %s", path)
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		tried = true
		if preference, err := runtime.Decode(scheme.StrictCodecs.UniversalDecoder(), document); err == nil {
			if found, ok := preference.(*config.Preference); ok {
				return found, nil
			}
			continue
		} else if preference, lenientErr := runtime.Decode(scheme.LenientCodecs.UniversalDecoder(), document); lenientErr == nil {
			if found, ok := preference.(*config.Preference); ok {
				return found, err
			}
		}
	}
}
