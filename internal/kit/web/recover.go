package web

import (
	"fmt"
	"net/http"
	"runtime"
)

// Recover answers a panic like any unexpected error, when nothing was sent yet; otherwise the connection is cut, so
// that half a page is never taken for a whole one.
func Recover(fail Fail) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			watched := watch(w)
			defer func() {
				p := recover()
				switch {
				case p == nil:
					return
				case p == http.ErrAbortHandler || watched.status != 0: //nolint:errorlint // a panic's value is compared, not an error chain
					if p != http.ErrAbortHandler { //nolint:errorlint // as above
						fail(discard{}, r, panicked{p, stack()})
					}
					panic(http.ErrAbortHandler)
				}
				fail(w, r, panicked{p, stack()})
			}()
			next.ServeHTTP(watched, r)
		})
	}
}

// panicked keeps what is needed to find the fault. A panic made with an error or a text of ours says what it is;
// any other value could be somebody's data, so only its type is kept.
type panicked struct {
	value any
	stack string
}

func (p panicked) Error() string {
	switch v := p.value.(type) {
	case runtime.Error:
		return "panic: " + v.Error() + p.stack
	case error:
		return "panic: " + v.Error() + p.stack
	case string:
		return "panic: " + v + p.stack
	}
	return fmt.Sprintf("panic: a %T%s", p.value, p.stack)
}

// stack names the functions between the panic and the server, without their arguments.
func stack() string {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs[:])])
	s := ""
	for {
		f, more := frames.Next()
		s += fmt.Sprintf(" < %s:%d", f.Function, f.Line)
		if !more {
			return s
		}
	}
}

// discard is where an answer goes that can no longer be sent; the error is logged all the same.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
