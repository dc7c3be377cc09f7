package web

import (
	"encoding/json"
	"net/http"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// Problem is an error as a document, RFC 9457. Its type is about:blank, left out as the RFC allows: code is what a
// program decides on, and never changes; the texts are for people and follow Accept-Language.
type Problem struct {
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Detail  string         `json:"detail"`            // what happened
	Code    string         `json:"code"`              // a fault.Code, or unexpected
	Key     string         `json:"key"`               // names the detail more finely than code does
	Safe    string         `json:"safe"`              // what was, or was not, recorded
	Next    string         `json:"next"`              // what to do
	Request string         `json:"request,omitempty"` // the reference to give when asking for help
	Errors  []ProblemField `json:"errors,omitempty"`
}

// ProblemField says what is wrong with one field.
type ProblemField struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
	Key    string `json:"key"`
}

// unexpected is the code of an error that carries none.
const unexpected = "unexpected"

func newProblem(p *lang.Printer, f *fault.Error, status int, request string) *Problem {
	code := string(f.Code)
	if code == "" {
		code = unexpected
	}
	words := worded(p, "problem."+f.Key, f.Key, "problem."+code, "error."+code)
	out := &Problem{
		Title: p.Text(words.Title, nil), Status: status, Detail: p.Text(f.Key, f.Args), Code: code, Key: f.Key,
		Safe: p.Text(words.Safe, nil), Next: p.Text(words.Next, nil), Request: request,
	}
	for _, field := range f.Fields {
		out.Errors = append(out.Errors, ProblemField{field.Name, p.Text(field.Key, field.Args), field.Key})
	}
	return out
}

// wording are the keys of what is said around what happened.
type wording struct{ Title, Safe, Next string }

// worded chooses each of them under the first of these keys that has words of its own for it: what helps who mistyped a code does
// not help who asked for a page that is not there, and a program has nothing on its screen that is still there. The last of them
// words all.
func worded(p *lang.Printer, keys ...string) wording {
	part := func(name string) string {
		for _, key := range keys {
			if p.Has(key + name) {
				return key + name
			}
		}
		return keys[len(keys)-1] + name
	}
	return wording{part(".title"), part(".safe"), part(".next")}
}

func (p *Problem) write(w http.ResponseWriter) {
	b, err := json.Marshal(p)
	if err != nil { // strings and numbers alone: it cannot fail
		b = []byte(`{"code":"unexpected"}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n'))
}

// ProblemOf words an error as a problem document without sending it, for a library that sends its own answers.
func (e *Edge) ProblemOf(r *http.Request, err error) *Problem {
	f, status, _ := refusal(err)
	return newProblem(e.printer(r), f, status, RequestOf(r.Context()))
}
