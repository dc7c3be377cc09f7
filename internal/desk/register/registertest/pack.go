package registertest

import (
	"io/fs"
	"path"
	"slices"
	"testing/fstest"

	"sanad/packs"
)

// bulletin is the invented country of tests with two procedures more, short ones, in which something is published: about a
// platform, and in a case where everything else is sealed.
func bulletin() fs.FS {
	out := fstest.MapFS{}
	for name, text := range map[string]string{
		"pack.yaml": "id: yy\nversion: \"1\"\nextends: xx\nlanguages: [en, fr, ar]\n",
		"protocols/bulletin.yaml": `
id: yy.bulletin
version: 1
applies_to: platform
runs: many
steps:
  - id: say
    emits: publish
    by: [registrar]
    basis: [{text: xx-platform-act, article: "14"}]
    publishes: measure
    audience: {compartments: [PUB]}
  - id: add
    emits: publish
    by: [registrar]
    after: {all_of: [say]}
    repeat: true
    basis: [{text: xx-platform-act, article: "14"}]
    publishes: measure
    audience: {compartments: [PUB]}
  - id: end
    emits: wait
    by: [registrar]
    after: {all_of: [say]}
    closes: true
    basis: [{text: xx-platform-act, article: "14"}]
    audience: {compartments: [PUB]}
`,
		"protocols/matter.yaml": `
id: yy.matter
version: 1
applies_to: case
runs: one
steps:
  - id: open
    emits: case.opened
    by: [officer]
    basis: [{text: xx-notice-act, article: "3"}]
    audience: {compartments: [handling]}
  - id: say
    emits: publish
    by: [officer]
    after: {all_of: [open]}
    basis: [{text: xx-notice-act, article: "8"}]
    publishes: breach
    audience: {compartments: [PUB]}
  - id: whisper
    emits: publish
    by: [officer]
    after: {all_of: [open]}
    basis: [{text: xx-notice-act, article: "8"}]
    publishes: breach
    audience: {compartments: [handling]}
  - id: end
    emits: case.closed
    by: [officer]
    after: {all_of: [open]}
    closes: true
    basis: [{text: xx-notice-act, article: "9"}]
    audience: {compartments: [handling]}
`,
		"messages/en.yaml": "protocol.yy.bulletin: Bulletin\nprotocol.yy.matter: Matter\nstep.yy.bulletin.say: Say it\nstep.yy.bulletin.add: Add to it\nstep.yy.bulletin.end: End it\n" +
			"step.yy.matter.open: Open it\nstep.yy.matter.say: Say it\nstep.yy.matter.whisper: Whisper it\nstep.yy.matter.end: End it\n",
		"messages/fr.yaml": "protocol.yy.bulletin: Le bulletin\nprotocol.yy.matter: L’affaire\nstep.yy.bulletin.say: Le dire\nstep.yy.bulletin.add: Ajouter\nstep.yy.bulletin.end: Finir\n" +
			"step.yy.matter.open: Ouvrir\nstep.yy.matter.say: Le dire\nstep.yy.matter.whisper: Le murmurer\nstep.yy.matter.end: Finir\n",
		"messages/ar.yaml": "protocol.yy.bulletin: النشرة\nprotocol.yy.matter: الأمر\nstep.yy.bulletin.say: قوله\nstep.yy.bulletin.add: الإضافة\nstep.yy.bulletin.end: الإنهاء\n" +
			"step.yy.matter.open: الفتح\nstep.yy.matter.say: قوله\nstep.yy.matter.whisper: الهمس به\nstep.yy.matter.end: الإنهاء\n",
	} {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// open reads the country of tests without the procedures these desks have nothing to do with.
func open(id string) (fs.FS, error) {
	all, err := packs.Open(id)
	if err != nil || id != "xx" {
		return all, err
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(all, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == "protocols" && !slices.Contains(kept, path.Base(name)) {
			return err
		}
		b, err := fs.ReadFile(all, name)
		out[name] = &fstest.MapFile{Data: b}
		return err
	})
	out["entries.yaml"] = &fstest.MapFile{Data: []byte(anyState)}
	return out, err
}

// anyState lets everything be said of how something stands: the acts that make it so are of the procedures left out.
const anyState = `
states:
  - {state: stands, since: [start]}
  - {state: contested, since: [start]}
  - {state: quashed, since: [start]}
  - {state: lifted, since: [start]}
  - {state: mended, since: [start]}
`

var kept = []string{"notice.yaml", "case.yaml", "platform.yaml", "alert.yaml", "register.yaml"}
