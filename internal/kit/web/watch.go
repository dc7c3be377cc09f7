package web

import "net/http"

// watched remembers the status that was sent, 0 while none was.
type watched struct {
	http.ResponseWriter
	status int
}

func watch(w http.ResponseWriter) *watched { return &watched{ResponseWriter: w} }

func (w *watched) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection, for flushing and for longer deadlines.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
