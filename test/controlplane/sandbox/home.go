package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
)

// home is the directory of the sandbox. There is one sandbox per home, and as long as its supervisor lives it holds the lock running.lock.
type home string

func (h home) file(name string) string { return filepath.Join(string(h), name) }

func (h home) kubeconfig() string { return h.file("kubeconfig") }

// startLock is held by a command that starts or stops. It lies outside, because stop removes the home.
func (h home) startLock() string { return string(h) + ".lock" }

// running says whether a supervisor lives.
func (h home) running() (bool, error) {
	if _, err := os.Stat(string(h)); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	unlock, err := flock.Try(h.file("running.lock"))
	if err != nil {
		return false, err
	}
	if unlock == nil {
		return true, nil
	}
	unlock()
	return false, nil
}

// state is what the supervisor tells other commands, in state.json.
type state struct {
	PID        int            `json:"pid"` // of the supervisor
	Since      time.Time      `json:"since"`
	Phase      string         `json:"phase"` // starting, loading, ready
	URL        string         `json:"url,omitempty"`
	Contexts   []string       `json:"contexts,omitempty"`
	Components map[string]int `json:"components,omitempty"` // process ids
	Objects    int            `json:"objects"`
	Skipped    map[string]int `json:"skipped,omitempty"`
	Kubectl    string         `json:"kubectl,omitempty"`
}

// write replaces the state as a whole: a reader sees the old one or the new one.
func (h home) write(s state) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.WriteFile(h.file("state.new"), content, 0o600); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.Rename(h.file("state.new"), h.file("state.json")); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// read returns the state; the zero state when the supervisor has not written one yet.
func (h home) read() (state, error) {
	content, err := os.ReadFile(h.file("state.json"))
	if errors.Is(err, os.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("read state: %w", err)
	}
	var s state
	if err := json.Unmarshal(content, &s); err != nil {
		return state{}, fmt.Errorf("read state: %w", err)
	}
	return s, nil
}

// export returns the line for a shell.
func (h home) export() string {
	return "export KUBECONFIG=" + quote(h.kubeconfig())
}

// quote returns the word as one word of a POSIX shell.
func quote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:,"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// alive says whether a process with that id runs. One that has ended and that nobody has asked about (its command line is empty then) does not.
func alive(pid int) bool {
	if line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")); err == nil {
		return len(line) > 0
	}
	return syscall.Kill(pid, 0) == nil
}
