package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestZZLook(t *testing.T) {
	in := chromium(t)
	base := "http://127.0.0.1:9210"
	for _, line := range strings.Split(os.Getenv("LOOKS"), "\n") {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		s := desk
		if f[1] == "phone" {
			s = phone
		}
		s.language = f[2]
		s.dark = len(f) > 5
		b := newTab(in, t, s, base)
		if f[3] != "-" {
			b.visit(200, base+"/demo")
			b.going(200, "enter", chromedp.Click(chromedp.CSS(`button[value="`+f[3]+`"]`)))
		}
		b.visit(200, base+f[4])
		os.WriteFile("/tmp/h-browser/"+f[0]+".png", b.picture(true), 0o600)
	}
}
