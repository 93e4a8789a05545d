// Package question is about one question on access: the words VERB RESOURCE [NAME] that people write, the exact request
// that they mean on a cluster, and the answer in words: the paths that allow it, or what is missing and what would allow
// it. The plugins print what it says; the browser shows the same.
//
// It is pure: an [rbac.Index] goes in, plain values come out. Doubts about what was meant are returned, and never
// printed. Errors say what is wrong with the words.
package question
