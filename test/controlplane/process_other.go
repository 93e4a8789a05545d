//go:build !linux

package controlplane

import "syscall"

// attributes gives a child its own process group. Without a signal for a parent's death, the multi-call binary watches its parent itself.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
