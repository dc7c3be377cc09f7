// Package register is what the public may see: decisions with their reasons, on whom, and how they stand after appeal. Entries
// follow from published acts and from nothing else; the register's one thread proves that none was rewritten or left out. It
// must not show anything of a person, nor anything no act made public.
package register
