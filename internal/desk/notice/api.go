package notice

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// accepted is the answer to a notice sent by a program.
type accepted struct {
	Code  string   `json:"code"`
	Proof string   `json:"proof"`          // a C2SP tlog-proof
	Lost  []string `json:"lost,omitempty"` // fields that could not be kept although the notice was
}

func (f *Front) apiPost(w http.ResponseWriter, r *http.Request) error {
	take := f.apiJSON
	if uploads(r) {
		take = f.apiParts
	}
	ok, err := take(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), receiptWait)
	defer cancel()
	proof, err := f.Desk.Clerk.ReceiptNow(ctx, ok.Act)
	if err != nil {
		// The notice is recorded: an error now would make the sender send it again. The proof can be had with the code.
		proof = nil
	}
	return answer(w, http.StatusCreated, accepted{ok.Code, string(proof), ok.Lost})
}

// apiJSON takes a notice from a program.
func (f *Front) apiJSON(r *http.Request) (*Accepted, error) {
	var form Form
	err := web.ReadJSON(r, &form)
	if err != nil {
		return nil, err
	}
	err = f.Desk.check(&form)
	if err != nil {
		return nil, err // a form that is refused costs nothing of an allowance
	}
	err = f.spend(r, noticesAnHour)
	if err != nil {
		return nil, err
	}
	return f.Desk.Accept(r.Context(), form)
}

// stage is the answer to a code.
type stage struct {
	Stage string     `json:"stage"`
	Since time.Time  `json:"since"`
	Next  *time.Time `json:"next"` // when the law expects the next step; null when no clock runs
}

func (f *Front) apiStatus(w http.ResponseWriter, r *http.Request) error {
	var q struct {
		Code string `json:"code"`
	}
	err := web.ReadJSON(r, &q)
	if err != nil {
		return err
	}
	err = f.spend(r, codesAnHour)
	if err != nil {
		return err
	}
	s, err := f.Desk.Follow(r.Context(), q.Code)
	if err != nil {
		return err
	}
	out := stage{Stage: s.Stage, Since: f.when(s.Since)}
	if s.Due != 0 {
		out.Next = new(f.when(s.Due))
	}
	return answer(w, http.StatusOK, out)
}

// checkpoint sends the newest signed state of the log.
func (f *Front) checkpoint(w http.ResponseWriter, r *http.Request) error {
	_, _, cp, err := f.Desk.Clerk.Head(r.Context())
	if err != nil {
		return err
	}
	if cp == nil {
		return fault.Unavailable.New("error.no_checkpoint")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(cp.Note)
	return err
}

func answer(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return err
}

// openAPI sends the description of the API.
func (f *Front) openAPI(w http.ResponseWriter, _ *http.Request) error {
	if len(f.API) == 0 {
		return fault.NotFound.New("web.not_found")
	}
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(f.API)
	return err
}
