package chart

// WithSteps returns options that let rendering take so many steps, so that a test of what never ends needs no second.
func WithSteps(o Options, steps int) Options {
	o.steps = steps
	return o
}
