package screen

// Completion is one way to go on with a question.
type Completion struct {
	// Word is what is offered, Hint what it is, in a word or two.
	Word, Hint string
	// Text is the whole question with the word in it, Cursor where the cursor is then, in runes.
	Text   string
	Cursor int
}

// Hit is something that the palette finds.
type Hit struct {
	// Text is what was found, What its kind in a word, Score how well it fits: more is better.
	Text, What string
	Score      int
	Place      Place
}
