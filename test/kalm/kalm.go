// Package kalm compares the decisions of Gatehouse's own policy of Kalm with those of Casbin, the library that Kalm's API asks.
package kalm
