package source

import "strings"

// value passes over one value.
func (s *jsonScanner) value() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{', '[':
		_, _ = s.next()
		return s.rest(1)
	case '"':
		_, err := s.string()
		return err
	}
	for {
		if c, err = s.peek(); err != nil {
			return err
		}
		if strings.IndexByte(",]} \t\r\n", c) >= 0 {
			return nil
		}
		_, _ = s.next()
	}
}

// rest passes over the rest of so many open brackets.
func (s *jsonScanner) rest(depth int) error {
	for depth > 0 {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			if err := s.stringRest(); err != nil {
				return err
			}
		}
	}
	return nil
}

// string reads a string and returns it as it is written, without quotes; empty when it is a long one.
func (s *jsonScanner) string() (string, error) {
	if _, err := s.next(); err != nil {
		return "", err
	}
	start, drops := len(s.text), s.drops
	if err := s.stringRest(); err != nil {
		return "", err
	}
	if s.drops != drops || len(s.text)-start > 1024 {
		return "", nil
	}
	return string(s.text[start : len(s.text)-1]), nil
}

func (s *jsonScanner) stringRest() error {
	for {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch c {
		case '\\':
			if _, err := s.next(); err != nil {
				return err
			}
		case '"':
			return nil
		}
	}
}

// space passes over blanks and returns the byte after them, which is still to be read.
func (s *jsonScanner) space() (byte, error) {
	for {
		c, err := s.peek()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c, nil
		}
		_, _ = s.next()
	}
}

func (s *jsonScanner) peek() (byte, error) {
	b, err := s.r.Peek(1)
	if len(b) == 0 {
		return 0, err
	}
	return b[0], nil
}

// next reads a byte into the text of the current object.
func (s *jsonScanner) next() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	if c == '\n' {
		s.line++
	}
	if len(s.text) >= maxChunk {
		s.overflow()
	}
	s.text = append(s.text, c)
	return c, nil
}

// overflow drops the text of an object that is too long, and remembers whether it may name a kind that is read. The
// last bytes stay, so that no word is cut in two.
func (s *jsonScanner) overflow() {
	s.over = true
	s.drops++
	s.mentions = s.mentions || s.sieve.mentions(s.text)
	n := copy(s.text, s.text[len(s.text)-64:])
	s.text = s.text[:n]
}
