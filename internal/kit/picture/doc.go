// Package picture looks at files that strangers send, within bounds that are known beforehand: what a file is by its first
// bytes, how large a picture says it is without decoding it, a copy of it without anything but its pixels, and a copy that
// is too small, blurred and grey to show much.
//
// It knows no file, no network and no authority. It must never write anywhere but where it is told, nor decode what its
// header already shows to be too much.
package picture
