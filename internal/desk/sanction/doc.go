// Package sanction leads the ladder from an obligation to the last resort: what is decided against a platform, by whom, on
// which grounds, until when, and how it is lifted. It decides what such acts hold and lists measures. It must not open a rung:
// the pack's protocol and gates do, and the clerk asks them.
package sanction
