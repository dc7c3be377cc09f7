package console_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net"
	"net/http"
	"os"
	"sanad/internal/act"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
	"testing"
	"time"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	h := newHouse(t)
	for _, r := range []string{"officer", "head", "judge"} {
		h.enter(r)
	}
	var files []act.ID
	for i := range 8 {
		m := "no"
		if i%2 == 0 {
			m = "yes"
		}
		files = append(files, h.receive(m, `{"platform":"Jeu d'exemple aux mille mondes et aux très longs noms de plateforme — édition internationale (منصة الألعاب)","where":"https://game.example/u/7/a/very/long/address/that/never/ends/and/has/no/space","text":"Someone asks children for their school.\n\nIt happened twice.","language":"fr"}`))
		h.legal.move(20 * time.Hour)
	}
	h.perform("officer", files[4], "acknowledge")
	for range 3 {
		h.perform("officer", files[4], "assess", "fact.aim", "minors", "fact.reasons", "yes", "body", "نص عربي طويل بعض الشيء يصف ما جرى.\n\nAnd a second paragraph.")
	}
	h.perform("officer", files[4], "draft", "body", "We find a breach.")
	h.perform("officer", files[5], "acknowledge")
	cas := h.openCase("no", "")
	h.perform("officer", cas, "begin", "fact.platform", longest.String(), "body.reasons.fr", "parce que", "body.identifiers", "one")
	h.perform("officer", cas, "draft", "body", "Vous devez répondre.")
	h.perform("head", cas, "sign")
	h.perform("judge", cas, "sign")
	h.perform("head", cas, "warn", "body", "decided")
	h.legal.move(100 * time.Hour)
	_, _ = h.clerk.Tick(t.Context())
	_ = clerk.Command{}
	var pic bytes.Buffer
	must(t, png.Encode(&pic, image.NewGray(image.Rect(0, 0, 400, 300))))
	ex := h.add(files[4], "capture-d-ecran.png", pic.Bytes())
	_ = h.ask("officer", "POST", "/file/"+files[4].String()+"/exhibit/"+ex.String()+"/open", "reason=assess&text=pour+verifier+le+compte")
	l, err := net.Listen("tcp", "127.0.0.1:9180")
	must(t, err)
	mux := http.NewServeMux()
	mux.Handle("/static/", web.Static(nil))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/as" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: h.cookies[r.URL.Query().Get("r")][len("session="):], Path: "/"})
			to := r.URL.Query().Get("to")
			if to == "" {
				to = "/queue"
			}
			http.Redirect(w, r, to, 303)
			return
		}
		h.handler.ServeHTTP(w, r)
	})
	os.WriteFile("/tmp/h-console/file", []byte(files[4].String()+" "+cas.String()+" "+ex.String()), 0o644)
	s := &http.Server{Handler: mux}
	go s.Serve(l)
	for {
		if _, err := os.Stat("/tmp/h-console/stop"); err == nil {
			break
		}
		time.Sleep(time.Second)
	}
	s.Shutdown(context.Background())
}
