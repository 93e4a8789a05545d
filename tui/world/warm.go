package world

// Warm works out what nearly every page is made from and what the first question takes, so that nobody waits for it later.
// Left out are findings (see [World.Judge]), and entries, which are looked for in the background. It is for where nobody
// waits, and may run while others ask: nothing is worked out twice.
func (w *World) Warm() {
	w.names()
	w.standings()
	w.namespaces()
	w.queues()
}
