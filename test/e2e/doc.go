// Package e2e runs the plugins as people do: the real binary, found by a real kubectl on PATH, against a real API server
// that has the example company loaded. It holds what only such a run can show: that live and offline answers agree with
// each other and with the server's own, what a command costs in requests, time and memory, and what it says when
// something is wrong.
//
// Scripts are in testdata/script; GATEHOUSE_UPDATE=1 writes their expected output anew. See the commands that they have
// in script_test.go.
package e2e
