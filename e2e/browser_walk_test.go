package e2e

import "testing"

// The day's work, walked as people walk it: on a phone and at a desk, in Arabic and in French, in the light and in the dark,
// with scripts and without.
func TestBrowser(t *testing.T) {
	t.Parallel()
	in := chromium(t)
	dir := t.TempDir()
	s := serve(t, dir, "")
	key := logKey(t, dir)
	for _, look := range []screen{phone.in("ar"), desk.in("ar").inDark(), phone.in("fr").inDark(), desk.in("fr"), phone.in("ar").withoutScripts(), desk.in("en").withoutScripts()} {
		t.Run("portal "+look.String(), func(t *testing.T) {
			t.Parallel()
			b := newTab(in, t, look, s.public)
			walkReport(b, s, key)
			walkDanger(b, s)
			walkOutside(b, s)
			walkChild(b, s)
		})
	}
	for _, look := range []screen{desk.in("fr"), phone.in("ar"), desk.in("ar").inDark(), phone.in("fr").inDark().withoutScripts()} {
		t.Run("console "+look.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, dir, "")
			b := newTab(in, t, look, s.public, s.console)
			theCase := walkOffice(b, s, dir)
			walkWatch(b, s, dir)
			walkRequest(b, s, dir, theCase)
		})
	}
}
