package console_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// SHOTS: lines "name|url|width|scheme"
func TestZZShot(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip()
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath("/usr/bin/chromium"))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(os.Getenv("SHOTS")) {
		p := strings.Split(strings.TrimSpace(line), "|")
		if len(p) < 4 {
			continue
		}
		w, _ := strconv.ParseInt(p[2], 10, 64)
		var png []byte
		var over int
		c, stop := context.WithTimeout(ctx, 40*time.Second)
		err := chromedp.Do(c, chromedp.EmulateViewport(w, 1500))
		if err == nil {
			err = chromedp.Do(c, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				var out any
				return t.Call(ctx, emulation.CommandSetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: p[3]}}}, &out)
			}))
		}
		if err == nil {
			err = chromedp.Do(c, chromedp.Navigate("http://127.0.0.1:9180"+p[1]))
		}
		if err == nil {
			over, err = chromedp.Run(c, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		}
		if err == nil {
			if w < 500 {
				png, err = chromedp.Run(c, chromedp.CaptureScreenshot())
			} else {
				png, err = chromedp.Run(c, chromedp.FullScreenshot(100))
			}
		}
		_ = stop
		if err != nil {
			t.Error(p[0], err)
			continue
		}
		if over > 0 {
			t.Errorf("%s overflows by %d", p[0], over)
		}
		os.WriteFile("/tmp/h-console/shots/"+p[0]+".png", png, 0o644)
	}
}
