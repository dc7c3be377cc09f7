// Package registry keeps who the platforms are: how many people use them by which count, who represents them, and which
// agreements bind them. It states facts with their method and source; it must not judge: thresholds and duties are the pack's.
package registry
