package contrib

import (
	"fmt"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
)

// never is what --expires takes for no end.
const never = "never"

// parseExpiry reads --expires as [contrib.ParseExpiry] does. It returns the zero time for [never], and where nothing is said.
func parseExpiry(text string, now time.Time) (time.Time, error) {
	if text == "" || text == never {
		return time.Time{}, nil
	}
	at, err := contrib.ParseExpiry(text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("bad --expires %q: %w", text, err)
	}
	return at, nil
}
