// Package api holds the description of the public API, which programs read and tests hold the routes against. It must
// not hold anything else.
package api

import _ "embed"

// Document is the description, OpenAPI 3.1 as JSON.
//
//go:embed openapi.json
var Document []byte
