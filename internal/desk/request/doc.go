// Package request asks a platform to keep data, and to hand them over: for one case, an offence of the pack's closed list and
// few identifiers. It decides what such acts hold and lists requests. It must not decide whether a request may be made: the
// pack's gates and roles say that, and the clerk asks them.
package request
