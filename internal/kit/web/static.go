package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// file is one of them: its address, which holds a part of its hash, so that a file that changes has a new one and a browser may
// keep the old one for ever; and what is sent.
type file struct {
	address string
	content []byte
	packed  []byte // the same for who reads gzip; nil where that saves nothing, as with fonts
}

// assets are the files under static by name. The sheet names fonts as they are called here, and sends their addresses.
var assets = func() map[string]file {
	out := map[string]file{}
	names, err := fs.Glob(static, "static/*")
	slices.SortFunc(names, func(a, b string) int { return int(sheetLast(a) - sheetLast(b)) })
	for _, name := range names {
		var b []byte
		b, err = fs.ReadFile(static, name)
		if err != nil {
			break
		}
		if sheetLast(name) > 0 {
			b = around.ReplaceAll(remarks.ReplaceAll(b, nil), []byte("$1"))
			for other, f := range out {
				b = bytes.ReplaceAll(b, []byte(`url("`+other+`")`), []byte(`url("`+f.address+`")`))
			}
		}
		sum := sha256.Sum256(b)
		base := path.Base(name)
		ext := path.Ext(base)
		out[base] = file{"/static/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext, b, pack(ext, b)}
	}
	if err != nil {
		panic(err) // the files are inside the program: it was built wrong
	}
	return out
}()

// What a sheet says to who writes it, and the space around its signs and lines, is not sent.
var (
	remarks = regexp.MustCompile(`(?s)/\*.*?\*/`)
	around  = regexp.MustCompile(`\s*([{};])\s*`)
)

// pack packs what is text, once: old phones pay for every byte. Pages are sent as they are, since what somebody typed stands in
// them beside what others must not learn, and lengths tell.
func pack(ext string, content []byte) []byte {
	if !strings.HasPrefix(kinds[ext], "text/") {
		return nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // into memory, at a level there is
	}
	return out.Bytes()
}

// sheetLast puts sheets behind what they name.
func sheetLast(name string) int64 {
	if path.Ext(name) == ".css" {
		return 1
	}
	return 0
}

func asset(name string) (string, error) {
	f, ok := assets[name]
	if !ok {
		return "", errors.New("there is no file " + name + " under static")
	}
	return f.address, nil
}

var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}

// Static serves what pages are made of, at the addresses templates get from asset. It belongs at GET /static/.
func Static(fail Fail) http.Handler {
	files := map[string]file{}
	for _, f := range assets {
		files[f.address] = f
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			fail(w, r, errNotFound)
			return
		}
		w.Header().Set("Content-Type", kinds[path.Ext(f.address)])
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		content, tag := f.content, path.Base(f.address) // the name holds the content's hash
		if f.packed != nil {
			w.Header().Add("Vary", "Accept-Encoding")
			if unpacks(r) {
				w.Header().Set("Content-Encoding", "gzip")
				content, tag = f.packed, tag+".gz"
			}
		}
		w.Header().Set("ETag", `"`+tag+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}

// unpacks tells who says that they read gzip, and does not refuse it in the same breath.
func unpacks(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
			if strings.EqualFold(name, "gzip") && strings.Trim(weight, "q=.0") != "" == (weight != "") {
				return true
			}
		}
	}
	return false
}
