package fault

// Wrong gathers everything that is wrong with what somebody gave, so that nobody mends one field to learn of the next. Its zero
// value has found nothing.
type Wrong struct {
	Fields []Field // in the order in which they were found
}

// At notes what is wrong with one field: the key of its message, and the message's arguments.
func (w *Wrong) At(field, key string, args map[string]any) {
	w.Fields = append(w.Fields, Field{field, key, args})
}

// Err refuses as invalid, under the key of a message, what has fields that are wrong; nil where nothing is.
func (w *Wrong) Err(key string) error {
	if len(w.Fields) == 0 {
		return nil
	}
	e := Invalid.New(key)
	e.Fields = w.Fields
	return e
}
