// Package text reads plain text: its lines, its words, the word n-grams two texts share, the dates it writes and the
// language it is in. Everything is a pure function of the text, and positions are byte offsets into it.
//
// It must not know what a text is for: no press, no notice, no law. It reads no file and no clock.
package text
