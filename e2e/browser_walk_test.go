package e2e

import "testing"

// The day's work, walked as people walk it: on a phone and at a desk, in Arabic and in French, in the light and in the dark,
// with scripts and without. Whatever route the program has, some walk goes through it, and every page is judged.
func TestBrowser(t *testing.T) {
	t.Parallel()
	in, all := chromium(t), readRoutes(t)
	t.Run("walks", func(t *testing.T) {
		t.Run("portal", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, dir, "")
			key := logKey(t, dir)
			for _, look := range portalLooks {
				t.Run(look.String(), func(t *testing.T) {
					b := newTab(in, t, all, look, s.public)
					walkReport(b, s, key)
					walkDanger(b, s)
					walkOutside(b, s)
					walkChild(b, s)
					walkShort(b, s)
					walkLeave(b, s)
					if !look.dark {
						walkLanguages(b, s)
					}
				})
			}
		})
		t.Run("console", func(t *testing.T) {
			t.Parallel()
			for _, look := range consoleLooks {
				t.Run(look.String(), func(t *testing.T) {
					dir := t.TempDir()
					s := serve(t, dir, "")
					b := newTab(in, t, all, look, s.public, s.console)
					theCase := walkOffice(b, s, dir)
					walkFile(b, s, theCase)
					walkWatch(b, s, dir)
					walkRequest(b, s, dir, theCase)
				})
			}
		})
		t.Run("demo", func(t *testing.T) {
			t.Parallel()
			s, dir := demonstrate(t)
			key := logKey(t, dir)
			b := newTab(in, t, all, desk.in("fr"), s.public)
			walkRegister(b, s, key)
			walkClock(b, s)
			sights := sightsOf(t, s)
			for _, looks := range sightLooks {
				t.Run(looks[0].language, func(t *testing.T) {
					b := newTab(in, t, all, looks[0], s.public)
					for _, sight := range sights {
						b.enterDemo(s, sight.seat)
						for i, look := range looks {
							b.look(look)
							if i == 0 {
								b.visit(200, s.public+sight.path)
							}
							b.unfold()
							b.kept()
							b.check(sight.portal)
						}
					}
				})
			}
			// The story's people go on with it: each of them decides, asks, waits.
			for _, look := range []screen{desk.in("fr"), phone.in("ar")} {
				t.Run("deciding "+look.String(), func(t *testing.T) {
					b := newTab(in, t, all, look, s.public)
					walkBlock(b, s)
					walkLadder(b, s)
					walkData(b, s)
				})
			}
		})
	})
	if !t.Failed() {
		all.complete(t)
	}
}
