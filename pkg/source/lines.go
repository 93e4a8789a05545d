package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// lineBuffer is how much is read at once.
const lineBuffer = 256 << 10

// lineReader reads lines and counts them.
type lineReader struct {
	r    *bufio.Reader
	line int // the number of the last line, from 1
	long []byte
}

// next returns a line with its end. It is valid until the next call. A line of more than [maxChunk] bytes comes without
// its rest, and whole is false. The error is io.EOF after the last line.
func (l *lineReader) next() (line []byte, whole bool, err error) {
	line, err = l.r.ReadSlice('\n')
	if len(line) == 0 && err != nil {
		return nil, false, err
	}
	l.line++
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, true, ignoreEOF(err)
	}
	whole = true
	l.long = append(l.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.r.ReadSlice('\n')
		if len(l.long)+len(line) > maxChunk {
			whole = false
			continue
		}
		l.long = append(l.long, line...)
	}
	return l.long, whole, ignoreEOF(err)
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// lineError is an error at a line of the file that is being read.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

func (e *lineError) Unwrap() error { return e.err }

// atLine returns an error at a line.
func atLine(line int, format string, args ...any) error {
	return &lineError{line: line, err: fmt.Errorf(format, args...)}
}
