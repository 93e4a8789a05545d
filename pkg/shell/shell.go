// Package shell writes words as a POSIX shell reads them, so that a command that is shown can be pasted.
package shell

import "strings"

// plain are the characters that no shell takes for anything but themselves, wherever in a word they are.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"

// Word quotes a word where it needs to be. Control characters stay in it as they are: who shows the word escapes them.
func Word(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Command returns the line of the words, each quoted where it needs to be.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = Word(word)
	}
	return strings.Join(quoted, " ")
}
