//go:build soak

package e2e

// Every page in every combination of language, width and light.
var (
	portalLooks  = append(everyLook("ar", "fr", "en"), phone.in("ar").withoutScripts(), desk.in("fr").withoutScripts())
	consoleLooks = append(everyLook("ar", "fr", "en"), phone.in("fr").withoutScripts(), desk.in("ar").withoutScripts())
	sightLooks   = [][]screen{everyLook("ar"), everyLook("fr"), everyLook("en")}
)

func everyLook(languages ...string) (out []screen) {
	for _, l := range languages {
		out = append(out, phone.in(l), desk.in(l), phone.in(l).inDark(), desk.in(l).inDark())
	}
	return out
}
