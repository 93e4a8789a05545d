package contrib

import (
	"fmt"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
)

// parseExpiry reads --expires as [contrib.ParseExpiry] does. Empty means never: the zero time.
func parseExpiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := contrib.ParseExpiry(text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("bad --expires %q: %w", text, err)
	}
	return at, nil
}
