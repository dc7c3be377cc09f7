package pack

import (
	"io/fs"
	"path"
	"unicode/utf8"
)

// PoliciesFile is the part of a pack that says who, among those who read, may do more. It is not YAML: package access knows its
// language and holds it against the pack's roles and compartments.
const PoliciesFile = "policies.cedar"

// Policies is the text of one layer's policies.
type Policies struct {
	File string // with the pack's name before it, as xx/policies.cedar
	Text string
}

// policies reads the policies of the layer's folder; nil where it has none.
func (l *loader) policies(fsys fs.FS, name string) *Policies {
	_, err := fs.Stat(fsys, PoliciesFile)
	if err != nil {
		return nil
	}
	where := place{file: path.Join(name, PoliciesFile)}
	b, ok := l.read(fsys, PoliciesFile, where)
	if !ok {
		l.broken = true
		return nil
	}
	if !utf8.Valid(b) {
		l.add(where, "holds bytes that are no text", "text in UTF-8")
		return nil
	}
	return &Policies{where.file, string(b)}
}
