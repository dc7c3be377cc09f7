package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var static embed.FS

// assets maps a file under static to its address, which holds a part of its hash: a file that changes has a new
// address, so a browser may keep the old one for ever.
var assets = func() map[string]string {
	out := map[string]string{}
	names, err := fs.Glob(static, "static/*")
	for _, name := range names {
		var b []byte
		b, err = fs.ReadFile(static, name)
		if err != nil {
			break
		}
		sum := sha256.Sum256(b)
		base := path.Base(name)
		ext := path.Ext(base)
		out[base] = "/static/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	}
	if err != nil {
		panic(err) // the files are inside the program: it was built wrong
	}
	return out
}()

func asset(name string) (string, error) {
	address, ok := assets[name]
	if !ok {
		return "", errors.New("there is no file " + name + " under static")
	}
	return address, nil
}

var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

// Static serves what pages are made of, at the addresses templates get from asset. It belongs at GET /static/.
func Static(fail Fail) http.Handler {
	files := map[string]string{}
	for name, address := range assets {
		files[address] = name
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := files[r.URL.Path]
		if !ok {
			fail(w, r, errNotFound)
			return
		}
		b, err := fs.ReadFile(static, "static/"+name)
		if err != nil {
			fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", kinds[path.Ext(name)])
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(b)
	})
}
