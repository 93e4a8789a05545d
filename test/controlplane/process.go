package controlplane

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// stopPatience is how long a component may take to end after SIGTERM before it is killed. It is short because its data is thrown away: etcd and
// the API server would take seconds to say goodbye to their clients.
const stopPatience = 500 * time.Millisecond

// process is one running component, with a process group of its own.
type process struct {
	name string
	log  string // path of its log file
	pid  int
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done
	stop sync.Once
}

// start runs a program and sends what it prints to <dir>/<name>.log, and to also when that is not nil. The program dies with this process,
// however this process dies.
func start(dir, name, path string, args []string, also io.Writer) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	file, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	cmd := exec.Command(path, args...) //nolint:noctx // ended by its process group, in stages, by end
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GATEHOUSE_CONTROLPLANE_PARENT="+strconv.Itoa(os.Getpid()))
	cmd.SysProcAttr = attributes()
	cmd.Stdout = file
	if also != nil {
		cmd.Stdout = io.MultiWriter(file, also)
	}
	cmd.Stderr = cmd.Stdout

	started := make(chan error)
	go func() {
		// On Linux the signal for a parent's death is sent when the thread that started the child ends, so the thread is kept until the
		// child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer file.Close() //nolint:errcheck // a log for people
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// end stops the component and all it started: SIGTERM, then SIGKILL when that does not help in time. It returns when the process is gone,
// and may be called often.
func (p *process) end() {
	p.stop.Do(func() {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(stopPatience):
			p.signal(syscall.SIGKILL)
		}
	})
	<-p.done
}

// signal sends to the process group, unless the process has ended: then its number may be somebody else's by now.
func (p *process) signal(s syscall.Signal) {
	if !p.ended() {
		_ = syscall.Kill(-p.pid, s) // fails only when the group is gone, which is what the caller wants
	}
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// failure says that the component ended by itself, and what it printed last.
func (p *process) failure() error {
	return fmt.Errorf("%s ended (%s): last lines of its log:\n%s", p.name, p.exit(), p.tail())
}

// tail returns the last lines of the log.
func (p *process) tail() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return tail(content, 15)
}

func (p *process) exit() string {
	if p.err == nil {
		return "exit status 0"
	}
	return p.err.Error()
}

// tail returns the last lines of the text, without the final newline.
func tail(text []byte, lines int) string {
	all := bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}
