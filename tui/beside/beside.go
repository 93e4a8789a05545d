// Package beside does work in other goroutines without giving up the terminal: a panic in one of them would end the program
// before the terminal is put back.
package beside

// Go begins some work in a goroutine of its own, and returns what waits for its result. A panic of the work comes to who
// waits.
func Go[T any](work func() T) (wait func() T) {
	done := make(chan func() T, 1)
	go func() {
		defer func() {
			if reason := recover(); reason != nil {
				done <- func() T { panic(reason) }
			}
		}()
		result := work()
		done <- func() T { return result }
	}()
	return func() T { return (<-done)() }
}
