// Package bench measures Sanad against something else in the same run: the same machine, the same disk, the same
// minute. It is a module of its own, so that what it compares with is no dependency of Sanad. Every benchmark prints a
// ratio; docs/performance.md keeps the figures and says how they were made. Nothing here is part of the product.
package bench
