// Package frames measures how long the browser takes from a key to the next frame on a huge cluster.
package frames
