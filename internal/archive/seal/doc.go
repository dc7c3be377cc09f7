// Package seal keeps secrets: the keys, the sealed half of acts, and exhibits sealed as they stream in.
//
// The keys form a ladder, every rung wrapped by the one above with XChaCha20-Poly1305 under a random nonce, and
// with associated data saying what it is and whose:
//
//	root            a file of 32 bytes, or a key service (KeyService)
//	compartment     32 bytes per compartment and version
//	audience        derived (HKDF-SHA256) from the keys of ALL its compartments; never stored, never an "or"
//	key             32 bytes under a random identifier: a data key (file, audience, retention class) or the link
//	                key of a thread (file, audience)
//
// A key is never used itself. Three keys are derived from it, for bodies, for links and for blobs, so that the
// link key handed to the holder of a receipt opens no body even where one identifier were used for both.
//
// The key store is a SQLite file of its own, keys.db, beside the database and backed up apart from it. It knows
// the identifiers of compartments, audiences and keys, all random; which file a key belongs to is said by the
// envelopes of the acts alone.
//
// # Erasing
//
// A wrapped key lies in exactly one place of keys.db: rows are only appended, and only overwritten by bytes of
// the same length, so no page split or merge moves one and none has to be trusted to clean up behind it
// (secure_delete is on besides). Destroy overwrites the key with zeros, syncs, and truncates the write-ahead
// log; the row that remains is the tombstone. Rotate erases the old version of a compartment key the same way.
// What a disc keeps in blocks it has released or remapped, and what backups hold, is outside this package:
// restore calls Destroy again with the identifiers that key.destroyed acts name.
//
// Unwrapped keys are kept in bounded memory. Every process on the folder maps one shared counter, looks at it
// before using a key it remembers, and forgets everything when it moved: once Destroy has returned, no
// process opens anything more with the key. A blob reader opened before goes on to its end. Key bytes are
// overwritten when forgotten; copies made by the Go runtime, and inside cipher objects, wait for the collector.
//
// The package must not know what a case or a person is, decide who may read (it can open everything it
// keeps), read a clock, or log.
package seal
