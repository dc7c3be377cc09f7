//go:build !soak

package e2e

// What the gate looks at: every page in Arabic and in French, on a phone and at a desk, and between them in the light and in
// the dark. The build tag soak looks at all of it.
var (
	portalLooks  = []screen{phone.in("ar"), desk.in("fr"), phone.in("fr").inDark(), phone.in("ar").withoutScripts()}
	consoleLooks = []screen{desk.in("fr"), phone.in("ar").inDark(), phone.in("fr").withoutScripts()}
	sightLooks   = [][]screen{{phone.in("ar"), desk.in("ar").inDark()}, {desk.in("fr"), phone.in("fr").inDark()}}
)
