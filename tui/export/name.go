package export

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// mostName is how many bytes of a title are in the name of a file. File systems take 255, with ending and all.
const mostName = 100

// Name proposes a file name for a page, without an ending: its title, of which only letters, digits, ".", "_" and "@" are
// kept. It is one that every file system takes, and no option of a command.
func Name(page *screen.Page) string {
	return safe(cmp.Or(page.Title, string(page.Place.Kind)), "page")
}

// SnapshotName proposes a file name for a snapshot of the cluster of a context, taken at some time.
func SnapshotName(context string, now time.Time) string {
	return safe(context, "snapshot") + now.Format("-20060102-1504") + source.SnapshotExtension
}

// safe makes a file name of any text; other is taken when nothing is left of it, and put in front of what Windows takes for
// a device.
func safe(s, other string) string {
	var b strings.Builder
	for _, r := range s {
		if b.Len() > mostName {
			break
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("._@", r):
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	for len(name) > mostName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.Trim(name, "-._")
	if name == "" {
		return other
	}
	if device(name) {
		return other + "-" + name
	}
	return name
}

// device reports whether Windows takes a file name for a device, whatever its ending.
func device(name string) bool {
	name, _, _ = strings.Cut(strings.ToUpper(name), ".")
	switch name {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	port, found := strings.CutPrefix(name, "COM")
	if !found {
		port, found = strings.CutPrefix(name, "LPT")
	}
	return found && len(port) == 1 && port >= "0" && port <= "9"
}
