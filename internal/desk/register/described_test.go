package register_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sanad/api"
	"sanad/internal/desk/register"
)

// What the API answers is described field by field, with its type, and nothing that it does not answer is.
func TestAnswersAreDescribed(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string `json:"required"`
				Properties map[string]struct {
					Type   any    `json:"type"`
					Format string `json:"format"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	err := json.Unmarshal(api.Document, &doc)
	if err != nil {
		t.Fatal(err)
	}
	for name, answered := range register.Answered() {
		schema := doc.Components.Schemas[name]
		var fields, always []string
		for f := range reflect.TypeOf(answered).Fields() {
			tag, more, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, tag)
			if more != "omitempty" {
				always = append(always, tag)
			}
			if want, got := typeOf(f.Type, more != "omitempty"), schema.Properties[tag].Type; !reflect.DeepEqual(want, got) {
				t.Errorf("%s.%s is %v, described as %v", name, tag, want, got)
			}
		}
		if said := slices.Sorted(maps.Keys(schema.Properties)); !slices.Equal(said, slices.Sorted(slices.Values(fields))) {
			t.Errorf("%s has %v, described are %v", name, fields, said)
		}
		if !slices.Equal(slices.Sorted(slices.Values(schema.Required)), slices.Sorted(slices.Values(always))) {
			t.Errorf("%s always has %v, described as %v", name, always, schema.Required)
		}
	}
}

// typeOf is the type of JSON by which a type is written: a pointer that is always there may be null.
func typeOf(of reflect.Type, there bool) any {
	if of.Kind() == reflect.Pointer {
		inner := typeOf(of.Elem(), there)
		if there {
			return []any{inner, "null"}
		}
		return inner
	}
	switch of.Kind() {
	case reflect.Int64:
		return "integer"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	case reflect.Map:
		return "object"
	}
	return "string" // texts, and times, which are written as texts
}
