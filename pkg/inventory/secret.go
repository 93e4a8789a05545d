package inventory

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Hidden stands in objects for a secret that was there when they were read.
const Hidden = "<hidden>"

const digestMark = "sha256:"

// Digest is what stands in an AccessToken for its token: the SHA-256 of it, in hex, and how many bytes it has, as in
// "sha256:9f86...:64". Kalm names the object by the same sum, so that this tells nobody anything.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return digestMark + hex.EncodeToString(sum[:]) + ":" + strconv.Itoa(len(token))
}

// ReadDigest returns the sum and the length that [Digest] has written; ok is false for any other text.
func ReadDigest(text string) (sum string, length int, ok bool) {
	rest, ok := strings.CutPrefix(text, digestMark)
	if !ok {
		return "", 0, false
	}
	sum, count, ok := strings.Cut(rest, ":")
	length, err := strconv.Atoi(count)
	return sum, length, ok && err == nil && len(sum) == hex.EncodedLen(sha256.Size)
}
