// Package locales carries the program's own words, in one YAML file a language and one for each room that has many. What a country says in its own way
// stands in its pack. A key means the same in every file; kit/lang says how the files are written.
package locales

import "embed"

// Files holds LANGUAGE.yaml and LANGUAGE.ROOM.yaml.
//
//go:embed *.yaml
var Files embed.FS
