// Package exhibits takes evidence into custody and says who may look at it, how, and what leaves the house. The bytes are
// sealed as they stream in, and an act binds what was sealed to a file, so that anyone can later tell that nothing was
// exchanged. A picture is shown blurred and grey first, then in full, each time after an act that says who and why; what may
// be of a child is sealed again for the police alone and is never rendered any more. Whether somebody may is asked of access,
// by the clerk when the act is recorded, and again before a key is touched.
//
// It must not keep an exhibit in clear anywhere, for however short a time, nor decode one as it comes in: only the first
// bytes are looked at on their way. It must not name a country's institution, role or compartment: Rules and the pack's policies have them.
package exhibits
