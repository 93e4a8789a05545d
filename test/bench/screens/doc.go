// Package screens measures how long the pages of the browser take to be built on a huge cluster.
package screens
