package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// sessionCookie holds the token of a session. It has no age of its own: a browser forgets it when it is closed, the database
// after sessionTime.
const sessionCookie = "session"

// sessionTime is a working day: whoever is still there comes in again.
const sessionTime = 8 * time.Hour

const signInPath = "/sign-in"

// Why somebody is at the door, as the address says it.
const (
	becauseRequired = "required"
	becauseEnded    = "ended"
	becauseOut      = "out"
)

// writingKey says to whoever sent a form without a session how to come in and send the same again.
const writingKey = "signin.writing"

var becauseKeys = map[string]string{becauseRequired: "signin.required", becauseEnded: "signin.ended", becauseOut: "signin.out.done"}

// outside answers somebody who is not inside, or not any more: they are led to the door. A form is answered at its own address: what
// they wrote is in their browser and nowhere else, and reloading the page sends it again once they have come in beside it.
func (c *Console) outside(w http.ResponseWriter, r *http.Request, because string) error {
	if r.Method != http.MethodPost {
		toDoor(w, r, because)
		return nil
	}
	return c.entrance(w, r, http.StatusUnauthorized, entrance{Form: web.Form{Values: url.Values{}}, Because: writingKey, Beside: true})
}

func toDoor(w http.ResponseWriter, r *http.Request, because string) {
	http.Redirect(w, r, signInPath+"?because="+because, http.StatusSeeOther)
}

// remember gives the session's cookie to the browser; an empty token takes it back. It is stricter than web.SetCookie: a
// link on another site, too, arrives without it. web.Cookie reads it, so its name follows the same rule.
func remember(w http.ResponseWriter, r *http.Request, token string) {
	cookie := &http.Cookie{ //nolint:gosec // G124: Secure follows the connection, which is in clear on the machine itself only
		Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, Secure: web.Secure(r), SameSite: http.SameSiteStrictMode,
	}
	if cookie.Secure {
		cookie.Name = "__Host-" + cookie.Name
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// entrance is what the door's page shows.
type entrance struct {
	web.Form
	Because string // key
	Beside  bool   // whoever comes in does so in a window of its own, because this one holds what they wrote
	Door    string // another way in; "" for none
}

func (c *Console) entrance(w http.ResponseWriter, r *http.Request, status int, data entrance) error {
	data.Door = c.Door
	return c.Edge.Pages.Render(w, r, status, pageSignIn, web.View{Self: signInPath, Data: data})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) error {
	return c.entrance(w, r, http.StatusOK, entrance{
		Form: web.Form{Values: url.Values{}}, Because: becauseKeys[r.URL.Query().Get("because")],
	})
}

// signedIn takes a code back and opens a session, both in one transaction: a code is used up only by somebody who is in.
func (c *Console) signedIn(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	ctx, now := r.Context(), c.process()
	token := ""
	err = c.Clerk.Door(ctx, func(tx clerk.Tx) error {
		mandate, err := c.Book.Redeem(ctx, tx, values.Get("code"), now)
		if err == nil {
			token, err = c.admit(r, tx, mandate)
		}
		return err
	})
	if errors.Is(err, access.ErrRefused) {
		// What was typed is not shown again: it may be somebody's code, mistyped by one letter.
		return c.entrance(w, r, http.StatusUnprocessableEntity, entrance{
			Form: web.Form{Values: url.Values{}, Errors: []fault.Field{{Name: "code", Key: "signin.refused"}}},
		})
	}
	if err != nil {
		return err
	}
	remember(w, r, token)
	http.Redirect(w, r, queuePath, http.StatusSeeOther)
	return nil
}

// admit opens a session for a mandate in force, in place of the one the browser had.
func (c *Console) admit(r *http.Request, tx clerk.Tx, mandate act.ID) (token string, err error) {
	ctx := r.Context()
	_, err = c.inForce(ctx, tx, mandate)
	if err != nil {
		return "", err
	}
	if old := web.Cookie(r, sessionCookie); old != "" {
		err = c.Book.CloseSession(ctx, tx, old)
		if err != nil {
			return "", err
		}
	}
	return c.Book.OpenSession(ctx, tx, mandate, c.process().Add(sessionTime))
}

// Enter lets somebody in as a mandate, without a code, and leads to the queue: for a demonstration, where everyone is
// everybody. Routes never leads here; access.ErrRefused where the mandate is not in force.
func (c *Console) Enter(w http.ResponseWriter, r *http.Request, mandate act.ID) error {
	token := ""
	err := c.Clerk.Door(r.Context(), func(tx clerk.Tx) (err error) {
		token, err = c.admit(r, tx, mandate)
		return err
	})
	if err != nil {
		return err
	}
	remember(w, r, token)
	http.Redirect(w, r, queuePath, http.StatusSeeOther)
	return nil
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) error {
	if token := web.Cookie(r, sessionCookie); token != "" {
		err := c.Clerk.Door(r.Context(), func(tx clerk.Tx) error { return c.Book.CloseSession(r.Context(), tx, token) })
		if err != nil {
			return err
		}
	}
	remember(w, r, "")
	toDoor(w, r, becauseOut)
	return nil
}
