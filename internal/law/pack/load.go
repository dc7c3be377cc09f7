package pack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// Limits of a whole pack.
const (
	maxFiles   = 128
	maxTotal   = 4 << 20
	maxParents = 8
)

// Parents finds the folder of a pack that another one extends. It returns an error wrapping fs.ErrNotExist for a
// pack nobody has.
type Parents func(id string) (fs.FS, error)

// Load reads and checks a pack. name is what its folder is called: it stands before file names in problems, and
// must be the pack's id. With a catalogue, kinds of act and the facts they say are checked too; nil skips that.
// The error is always Problems, with everything that is wrong.
func Load(fsys fs.FS, name string, parents Parents, kinds *act.Catalogue) (*Pack, error) {
	l := newLoader(parents, kinds)
	l.layer(fsys, name, nil)
	if !l.broken {
		l.check()
	}
	if len(l.list) == 0 {
		l.sum.Sum(l.pack.digest[:0])
		engine, err := protocol.New(l.pack.law(kinds))
		if err != nil {
			l.add(place{file: name}, err.Error(), "a law the engine can interpret")
		}
		l.pack.engine = engine
		if engine != nil {
			l.transitions(engine)
		}
	}
	if len(l.list) > 0 {
		return nil, l.sorted()
	}
	return l.pack, nil
}

func newLoader(parents Parents, kinds *act.Catalogue) *loader {
	return &loader{
		pack: &Pack{messages: map[string]map[string]string{}}, declared: map[string]map[string]place{}, messages: map[string]map[string]place{},
		steps: map[string]map[string]place{}, fixed: map[string]*node{}, offers: map[string][]string{}, taken: map[string]bool{}, parents: parents, kinds: kinds, sum: sha256.New(),
	}
}

// loader reads a chain of packs, parents first, into one.
type loader struct {
	reporter
	pack     *Pack
	parents  Parents
	kinds    *act.Catalogue
	sum      hash.Hash
	total    int64
	name     string // the layer being read
	declared map[string]map[string]place
	messages map[string]map[string]place // where each key is worded, by language
	refs     []reference
	needs    []need
	spoken   []spoken
	flows    []flow
	said     []saying
	sayings  []clockSaying
	emitted  []reference
	happens  []happens
	steps    map[string]map[string]place // for each gate, the steps it names
	others   []otherStep                 // steps of other protocols that gates ask for
	fixed    map[string]*node            // values of parameters; an overlay's stands before its parent's
	offers   map[string][]string         // what each parameter may be, as written
	taken    map[string]bool             // parameters that something reads
	unfixed  []reference                 // parameters that a value was to be taken from and that have none
	shapes   *shapes                     // what is read, where a schema is made of it; else nil
	broken   bool                        // a file was not read: what it declares would seem missing everywhere
}

// otherStep is a step that must be one of some protocol of the pack.
type otherStep struct {
	place
	protocol, step string
}

// reference is a name that must be declared somewhere in the pack.
type reference struct {
	place
	sort, name string
}

// need is a message key that must be worded in every language of the pack.
type need struct {
	place
	key string
}

// spoken is a text given in several languages on the spot.
type spoken struct {
	place
	what  string
	texts map[string]string
}

func (l *loader) refer(at place, sort, name string) {
	l.refs = append(l.refs, reference{at, sort, name})
}

func (l *loader) require(at place, key string) { l.needs = append(l.needs, need{at, key}) }

// declare notes a name of this layer, and refuses it twice in one layer.
func (l *loader) declare(at place, sort, name string) (again bool) {
	if name == "" {
		return true
	}
	names := l.declared[sort]
	if names == nil {
		names = map[string]place{}
		l.declared[sort] = names
	}
	old, there := names[name]
	if there && strings.HasPrefix(old.file, l.name+"/") {
		l.add(at, fmt.Sprintf("%s %q is declared twice, first in line %d of %s", sort, name, old.line, old.file), "each name once")
		return true
	}
	names[name] = at
	return false
}

// layer reads the parent of a pack, then the pack over it. children are the packs on the way down.
func (l *loader) layer(fsys fs.FS, name string, children []string) {
	outer := l.name
	l.name = name
	defer func() { l.name = outer }()
	files := l.files(fsys, name)
	rights := l.policies(fsys, name)
	l.fix(files["parameters.yaml"])
	head, ok := files["pack.yaml"]
	if !ok {
		if _, err := fs.Stat(fsys, "pack.yaml"); err == nil {
			return // it is there and could not be read: told already
		}
		l.broken = true
		l.add(place{file: name + "/pack.yaml"}, "the file is missing", "a file pack.yaml in the pack's folder")
		return
	}
	f := l.fields(head, "a pack", "id", "version", "languages", "?extends", "?fictional", "?variants", "?migrates")
	if id := f.code("id"); id != "" && id != name {
		l.add(f.at("id"), fmt.Sprintf("the pack's id is %q and its folder is called %q", id, name), "one name for both")
	}
	if parent := f.code("extends"); parent != "" {
		l.parent(f, parent, append(slices.Clone(children), name))
	}
	l.head(f, name)
	for _, known := range sections {
		if n, ok := files[known.file]; ok {
			known.read(l, l.under(known.file, n))
		}
	}
	for _, file := range sortedNames(files) {
		if strings.HasPrefix(file, "protocols/") {
			l.protocols(l.under(file, files[file]))
		}
	}
	for _, file := range sortedNames(files) {
		if strings.HasPrefix(file, "messages/") {
			language, _, _ := strings.Cut(path.Base(file), ".") // fr.yaml, fr.letters.yaml
			l.worded(files[file], language)
		}
	}
	if rights != nil { // after its parents': what they permit may be permitted otherwise here
		l.pack.Policies = append(l.pack.Policies, *rights)
	}
	l.hash(name, files, rights)
}

func (l *loader) parent(f fields, parent string, chain []string) {
	problems := len(l.list)
	defer func() { l.broken = l.broken || len(l.list) > problems }()
	if slices.Contains(chain, parent) {
		l.add(f.at("extends"), fmt.Sprintf("packs extend each other in a circle: %s", strings.Join(append(chain, parent), " → ")), "a parent that does not come back to this pack")
		return
	}
	if len(chain) > maxParents {
		l.add(f.at("extends"), "packs are laid over one another too deeply", fmt.Sprintf("at most %d parents", maxParents))
		return
	}
	if l.parents == nil {
		l.add(f.at("extends"), fmt.Sprintf("pack %q can't be found", parent), "no parent, or a place where parents are found")
		return
	}
	fsys, err := l.parents(parent)
	if err != nil {
		l.add(f.at("extends"), fmt.Sprintf("pack %q can't be found", parent), "the id of a pack at hand")
		return
	}
	l.layer(fsys, parent, chain)
	l.pack.Parents = append([]string{parent}, l.pack.Parents...)
}

// head reads pack.yaml over what the parent's said.
func (l *loader) head(f fields, name string) {
	p := l.pack
	p.ID, p.Edition = name, f.code("version")
	if languages := f.codes("languages"); len(languages) > 0 {
		p.Languages = languages
	}
	fictional := f.flag("fictional")
	if p.Fictional && !fictional {
		l.add(f.at("fictional"), "a pack over a fictional one does not say that it is fictional", "fictional: true")
	}
	p.Fictional = fictional
	if f.has("variants") {
		p.Variants = f.codes("variants")
	}
	if roles := f.refs("migrates", "role"); len(roles) > 0 {
		p.Migrates = roles
	}
	l.require(f.at("id"), "pack.title")
	for _, v := range p.Variants {
		l.require(f.at("variants"), "variant."+v)
	}
}

// section is a file of a pack with what reads it.
type section struct {
	file string
	read func(*loader, *node)
}

var sections = []section{
	{"lists.yaml", (*loader).readLists},
	{"sources.yaml", (*loader).readSources},
	{"texts.yaml", (*loader).readTexts},
	{"compartments.yaml", (*loader).readCompartments},
	{"institutions.yaml", (*loader).readInstitutions},
	{"roles.yaml", (*loader).readRoles},
	{"calendar.yaml", (*loader).readCalendar},
	{"rules.yaml", (*loader).readRules},
	{"letters.yaml", (*loader).readLetters},
	{"retention.yaml", (*loader).readRetention},
	{"parameters.yaml", (*loader).readParameters},
	{"gates.yaml", (*loader).readGates},
	{"entries.yaml", (*loader).readEntries},
}

// files reads and parses every YAML file of a pack's folder, within bounds.
func (l *loader) files(fsys fs.FS, name string) map[string]*node {
	out := map[string]*node{}
	count := 0
	err := fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
		where := place{file: name + "/" + file}
		if err != nil {
			l.add(where, "can't be read", "a readable folder of YAML files")
			return fs.SkipDir
		}
		if count++; count > 4*maxFiles || len(out) > maxFiles {
			l.add(place{file: name}, "the pack has too many files", fmt.Sprintf("at most %d", maxFiles))
			return fs.SkipAll
		}
		if d.IsDir() {
			if file != "." && file != "protocols" && file != "messages" {
				return fs.SkipDir
			}
			return nil
		}
		ext := path.Ext(file)
		if file == PoliciesFile || ext != ".yaml" && ext != ".yml" && ext != path.Ext(PoliciesFile) {
			return nil
		}
		if !known(file) {
			l.add(where, "no part of a pack is called that", "pack.yaml, "+sectionNames()+", "+PoliciesFile+", protocols/NAME.yaml, messages/LANGUAGE.yaml or messages/LANGUAGE.PART.yaml")
			return nil
		}
		b, ok := l.read(fsys, file, where)
		if !ok {
			l.broken = true
			return nil
		}
		n := l.parse(where.file, b)
		if n == nil {
			l.broken = true
			return nil
		}
		out[file] = n
		return nil
	})
	if err != nil {
		l.add(place{file: name}, "the folder can't be read", "a readable folder of YAML files")
	}
	return out
}

func known(file string) bool {
	dir, base := path.Split(file)
	switch dir {
	case "":
		return base == "pack.yaml" || slices.ContainsFunc(sections, func(s section) bool { return s.file == base })
	case "protocols/", "messages/":
		return path.Ext(base) == ".yaml"
	default:
		return false
	}
}

func sectionNames() string {
	names := make([]string, len(sections))
	for i, s := range sections {
		names[i] = s.file
	}
	return strings.Join(names, ", ")
}

// read returns a file's bytes, never more than the limits allow.
func (l *loader) read(fsys fs.FS, file string, where place) ([]byte, bool) {
	f, err := fsys.Open(file)
	if err != nil {
		l.add(where, "can't be opened", "a readable file")
		return nil, false
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		l.add(where, "is no regular file", "a regular file")
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		l.add(where, "can't be read to its end", "a readable file")
		return nil, false
	}
	if len(b) > maxFile {
		l.add(where, fmt.Sprintf("the file has more than %d bytes", maxFile), "a smaller file, or several")
		return nil, false
	}
	if l.total += int64(len(b)); l.total > maxTotal {
		l.add(where, fmt.Sprintf("the pack and its parents have more than %d bytes", maxTotal), "a smaller pack")
		return nil, false
	}
	return b, true
}

// hash adds a layer to the digest.
func (l *loader) hash(name string, files map[string]*node, rights *Policies) {
	var b bytes.Buffer
	for _, file := range sortedNames(files) {
		fmt.Fprintf(&b, "%q %q\n", name, file)
		files[file].canonical(&b)
		b.WriteByte('\n')
	}
	if rights != nil {
		fmt.Fprintf(&b, "%q %q %q\n", name, PoliciesFile, rights.Text)
	}
	_, _ = l.sum.Write(b.Bytes()) // a hash never errors
}

func sortedNames[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
