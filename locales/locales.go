// Package locales carries the program's own words, one YAML file a language. What a country says in its own way
// stands in its pack. A key means the same in every file; kit/lang says how the files are written.
package locales

import "embed"

// Files holds LANGUAGE.yaml.
//
//go:embed *.yaml
var Files embed.FS
