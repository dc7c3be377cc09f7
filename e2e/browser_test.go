package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take, on a machine that does much else at once.
const patience = 60 * time.Second

// chromium is one browser for all tests of a run; each tab has cookies of its own.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("missing: chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-lcd-text", true),
		chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {})) // events of tabs that are gone
	t.Cleanup(cancel)
	err = chromedp.Do(ctx)
	if err != nil {
		t.Fatalf("no browser: %v", err)
	}
	return ctx
}

// screen is what a person holds and how they read.
type screen struct {
	language      string
	width, height int64
	dark, plain   bool // plain: without JavaScript
}

// The two widths every page is looked at.
var (
	phone = screen{width: 360, height: 740}
	desk  = screen{width: 1280, height: 900}
)

func (s screen) in(language string) screen { s.language = language; return s }
func (s screen) inDark() screen            { s.dark = true; return s }
func (s screen) withoutScripts() screen    { s.plain = true; return s }

func (s screen) String() string {
	out := fmt.Sprintf("%s %d", s.language, s.width)
	if s.dark {
		out += " dark"
	}
	if s.plain {
		out += " without scripts"
	}
	return out
}

// tab is a page somebody looks at, and what the browser said about it.
type tab struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // a tab is its context
	screen screen
	origin []string // where it may ask anything

	pictures int // of it that were kept
	routes   *routes

	mu       sync.Mutex
	document *network.Response // of the page that is shown
	loader   cdp.LoaderID
	bytes    float64                    // that came over the network for it
	own      map[network.RequestID]bool // asked for by the document that is shown
	method   string                     // by which it was asked for
	wrong    []string
}

// newTab opens a tab that may speak to these servers and to nobody else.
func newTab(in context.Context, t *testing.T, r *routes, s screen, origin ...string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(in, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, origin: origin, routes: r}
	b.must(chromedp.Listen(ctx, b.hear))
	cdpCall(b, network.Enable, network.EnableParams{})
	cdpCall(b, log.Enable, cdp.Empty{})
	cdpCall(b, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	cdpCall(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.look(s)
	return b
}

// look changes what the person holds.
func (b *tab) look(s screen) {
	b.t.Helper()
	if b.screen.language != s.language {
		cdpCall(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": s.language}})
	}
	if b.screen.plain != s.plain {
		cdpCall(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.plain})
	}
	cdpCall(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.width < 600})
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	cdpCall(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.screen = s
}

// cdpCall sends a command of the browser's own protocol.
func cdpCall[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Call(ctx, cmd, params)
	if err != nil {
		b.fatal("%s: %v", cmd.Method, err)
	}
	return out
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.fatal("%v", err)
	}
}

// fatal ends the test with what was on the page.
func (b *tab) fatal(format string, args ...any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	seen, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	b.t.Fatalf("%s: %s: %s\n%s", b.screen, at, fmt.Sprintf(format, args...), seen)
}

// hear notes what a page asks for, what it weighs and what goes wrong on it.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument && string(e.RequestID) == string(e.LoaderID) {
			b.document, b.loader, b.bytes, b.method = nil, e.LoaderID, 0, e.Request.Method
			b.own = map[network.RequestID]bool{}
		}
		if e.LoaderID == b.loader && b.own != nil {
			b.own[e.RequestID] = true
		}
		b.routes.note(b.routes.taken(), e.Request.Method, e.Request.URL)
		if !b.ours(e.Request.URL) {
			b.wrong = append(b.wrong, "asks elsewhere: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.LoaderID == b.loader && e.Type == network.ResourceTypeDocument {
			b.document = e.Response
			if e.Response.MimeType == "text/html" && b.method == http.MethodGet {
				b.routes.note(b.routes.pages(), http.MethodGet, e.Response.URL)
			}
		}
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 && !strings.HasSuffix(e.Response.URL, "/favicon.ico") {
			b.wrong = append(b.wrong, fmt.Sprintf("%s: %d", e.Response.URL, e.Response.Status))
		}
	case *network.EventLoadingFinished:
		if b.own[e.RequestID] { // what the page before asked for may still come in
			b.bytes += e.EncodedDataLength
		}
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.wrong = append(b.wrong, fmt.Sprintf("console: %s (%d)", e.Type, len(e.Args)))
	case *log.EventEntryAdded:
		// That an answer was a refusal is seen in its status.
		if e.Entry.Source != log.EntrySourceNetwork || !strings.Contains(e.Entry.Text, "status of 4") {
			b.wrong = append(b.wrong, fmt.Sprintf("log: %s: %s", e.Entry.Source, e.Entry.Text))
		}
	}
}

func (b *tab) ours(address string) bool {
	for _, o := range b.origin {
		if strings.HasPrefix(address, o+"/") {
			return true
		}
	}
	// Signs that Chromium draws on fields of its own, as a calendar's, come from itself: the policy of the pages forbids them theirs.
	return address == "about:blank" || strings.HasPrefix(address, "data:image/svg+xml")
}

// complaints are what went wrong since they were last asked for.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.wrong
	b.wrong = nil
	return out
}

// going runs what leads to another page, waits until that has loaded, and wants its status.
func (b *tab) going(status int, what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.fatal("%s: %v", what, err)
	}
	if got == nil || got.Status != int64(status) {
		b.fatal("%s: %+v, want %d", what, got, status)
	}
}

// visit opens an address.
func (b *tab) visit(status int, address string) {
	b.t.Helper()
	b.going(status, address, chromedp.Navigate(address))
}

// press clicks what leads to another page.
func (b *tab) press(status int, selector string) {
	b.t.Helper()
	b.only(selector)
	b.going(status, "press "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// touch clicks what stays on the page.
func (b *tab) touch(selector string) {
	b.t.Helper()
	b.only(selector)
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, steps...)
	if err != nil {
		b.fatal("%v", err)
	}
}

// only wants exactly one such element, so that no test clicks what it doesn't mean, nor waits for what never comes.
func (b *tab) only(selector string) {
	b.t.Helper()
	if n := eval[int](b, fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector))); n != 1 {
		b.fatal("%d elements %s", n, selector)
	}
}

// write types into a field as a keyboard of any script does, in place of what is there.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.only(selector)
	eval[bool](b, fmt.Sprintf(`(e => { e.focus(); e.select(); return true })(document.querySelector(%s))`, quote(selector)))
	cdpCall(b, input.InsertText, input.InsertTextParams{Text: text})
}

// eval asks the page. It works without scripts, too: that is the browser asking, not the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fatal("%.80s: %v", expression, err)
	}
	return out
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// sees wants texts on the page as a person sees it.
func (b *tab) sees(texts ...string) {
	b.t.Helper()
	seen := eval[string](b, `document.body.innerText`)
	for _, x := range texts {
		if !strings.Contains(seen, x) {
			b.fatal("does not show %q", x)
		}
	}
}

// hides wants texts nowhere in the page, seen or not.
func (b *tab) hides(texts ...string) {
	b.t.Helper()
	all := eval[string](b, `document.documentElement.outerHTML`)
	for _, x := range texts {
		if strings.Contains(all, x) {
			b.fatal("holds %q", x)
		}
	}
}

// has says whether there is such an element.
func (b *tab) has(selector string) bool {
	b.t.Helper()
	return eval[bool](b, fmt.Sprintf(`document.querySelector(%s) !== null`, quote(selector)))
}

// text is what an element says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(eval[string](b, fmt.Sprintf(`document.querySelector(%s)?.innerText ?? ""`, quote(selector))))
}

// status is that of the page that is shown.
func (b *tab) response() *network.Response {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.document
}

// picture is the whole page, or what is seen of it without moving.
func (b *tab) picture(whole bool) []byte {
	b.t.Helper()
	p := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}
	if whole {
		p.CaptureBeyondViewport = new(true)
		size := eval[[2]float64](b, `[document.documentElement.scrollWidth, document.documentElement.scrollHeight]`)
		p.Clip = &page.Viewport{Width: size[0], Height: size[1], Scale: 1}
	}
	return cdpCall(b, page.CaptureScreenshot, p).Data
}

// after is when patience ends.
func (b *tab) after() <-chan time.Time { return time.After(patience) }
