package ledger

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// forged is one way to make a log false, and everything that verification says of it.
type forged struct {
	name   string
	spoil  func(i int, env *act.Envelope, link *proof.Sum) // while it is written, all else being computed honestly
	tamper func(f *forger)                                 // afterwards, in the database
	check  func(t testing.TB, c *Check)
	want   []string
}

// forger changes a database behind the ledger's back.
type forger struct {
	t  testing.TB
	tx *store.Tx
}

func (f *forger) exec(query string, args ...any) {
	_, err := f.tx.Exec(f.t.Context(), query, args...)
	if err != nil {
		f.t.Errorf("%s: %v", query, err)
	}
}

// flip changes one byte of one column.
func (f *forger) flip(table, column, where string, at int) {
	var b []byte
	err := f.tx.QueryRow(f.t.Context(), "SELECT "+column+" FROM "+table+" WHERE "+where).Scan(&b)
	if err != nil {
		f.t.Errorf("%s.%s: %v", table, column, err)
		return
	}
	b[at] ^= 1
	f.exec("UPDATE "+table+" SET "+column+" = ? WHERE "+where, b)
}

// flipHash changes one stored hash of the tree.
func (f *forger) flipHash(level int, n int64) {
	index := tlog.StoredHashIndex(level, n)
	var first int64
	err := f.tx.QueryRow(f.t.Context(), "SELECT max(first) FROM hash WHERE first <= ?", index).Scan(&first)
	if err != nil {
		f.t.Errorf("find hash %d: %v", index, err)
		return
	}
	f.flip("hash", "hashes", fmt.Sprint("first = ", first), int(index-first)*tlog.HashSize)
}

// flipped is an act with a byte of one column changed.
func flipped(column string, at int, want ...string) forged {
	return forged{name: "flipped " + column, tamper: func(f *forger) { f.flip("act", column, "seq = 17", at) }, want: want}
}

const (
	saysUnsigned = "-1: no checkpoint signed by a key that was given covers any act"
	saysHash     = "its Merkle hash is not the stored one: the act or that hash was changed"
	saysColumn   = "the row's columns are not its envelope's"
	saysRoot     = "39: the head's root is not the acts'"
	saysEdge     = "39: the head's edge is not the acts': the next act could not be added to them"
)

// changed17 is what is said of a log in which act 17 has another leaf.
func changed17(own ...string) []string {
	return append(own, "17: "+saysHash, "19: checkpoint 20 states another root: an act up to here was changed",
		"39: kept checkpoint 2 states another root: an act up to here was changed", saysRoot, saysEdge)
}

func forgeries() []forged {
	return []forged{
		flipped("id", 3, "17: "+saysColumn),
		flipped("file", 3, "17: "+saysColumn),
		{name: "another audience", tamper: func(f *forger) {
			f.exec("UPDATE act SET audience = (SELECT audience FROM act WHERE seq = 3) WHERE seq = 17")
		}, want: []string{"17: " + saysColumn}},
		{name: "another instant", tamper: func(f *forger) { f.exec("UPDATE act SET recorded = recorded + 1 WHERE seq = 17") }, want: []string{"17: " + saysColumn}},
		{name: "another kind", tamper: func(f *forger) { f.exec("UPDATE act SET kind = 'notice.closed' WHERE seq = 17") }, want: []string{"17: " + saysColumn}},
		{name: "another act before it", tamper: func(f *forger) { f.exec("UPDATE act SET prior = 18 WHERE seq = 17") }, want: []string{"17: its row says that act 17 is before it in its file, it is act 12"}},
		{name: "cut off from its file", tamper: func(f *forger) { f.exec("UPDATE act SET prior = 0 WHERE seq = 17") }, want: []string{"17: its row says that no act is before it in its file, it is act 12"}},
		flipped("salt", 31, changed17()...),
		flipped("body_sum", 0, changed17()...),
		flipped("link", 0, changed17()...),
		flipped("body", 5, changed17()...),
		flipped("envelope", 2, changed17("17: envelope: byte 0: expected {\"v\":1,\"id\":")...),
		{name: "a fact changed", tamper: func(f *forger) {
			f.replace(17, `"name":"count","int":17`, `"name":"count","int":16`)
		}, want: changed17()},
		{
			name: "body erased", tamper: func(f *forger) { f.exec("UPDATE act SET body = ? WHERE seq = 17", []byte{}) },
			want: changed17("17: the envelope and the body disagree on whether there is a body"),
		},
		{
			name: "act deleted", tamper: func(f *forger) { f.exec("DELETE FROM act WHERE seq = 17") },
			want: []string{
				"17: act 17 is missing",
				"18: it cites an act that is not before it",
				"22: position 3 of its thread was expected, it says 4",
			},
		},
		{
			name: "acts deleted", tamper: func(f *forger) { f.exec("DELETE FROM act WHERE seq BETWEEN 5 AND 8") },
			want: []string{
				"5: acts 5 to 8 are missing",
				"9: it cites an act that is not before it",
				"10: position 1 of its thread was expected, it says 2",
				"11: position 1 of its thread was expected, it says 2",
				"12: position 1 of its thread was expected, it says 2",
				"18: position 0 of its thread was expected, it says 1",
				"18: it cites an act that is not before it",
				"26: it cites an act that is not before it",
			},
		},
		{name: "first act deleted", tamper: func(f *forger) { f.exec("DELETE FROM act WHERE seq = 0") }, want: []string{
			"0: act 0 is missing",
			"2: it cites an act that is not before it",
			"5: position 0 of its thread was expected, it says 1",
		}},
		{name: "act and its hashes deleted", tamper: func(f *forger) {
			f.exec("DELETE FROM act WHERE seq = 20")
			f.exec("DELETE FROM hash WHERE first = ?", tlog.StoredHashIndex(0, 20))
		}, want: []string{
			"20: act 20 is missing",
			"21: it cites an act that is not before it",
			"22: it cites an act that is not before it",
			"25: position 4 of its thread was expected, it says 5",
		}},
		{name: "an act far away", tamper: func(f *forger) { f.exec("UPDATE act SET seq = 9007199254740993 WHERE seq = 17") }, want: []string{
			"17: act 17 is missing",
			"18: it cites an act that is not before it",
			"22: position 3 of its thread was expected, it says 4",
			"40: acts 40 to 9007199254740992 are missing",
			"40: the head counts 40 acts, the last one there is number 9007199254740993",
			"9007199254740993: it was recorded at 2026-03-01T09:00:17.000000Z, before the act before it",
			"9007199254740993: position 8 of its thread was expected, it says 3",
		}},
		{name: "two acts swapped", tamper: func(f *forger) {
			f.exec("UPDATE act SET seq = 1000 WHERE seq = 17")
			f.exec("UPDATE act SET seq = 17 WHERE seq = 18")
			f.exec("UPDATE act SET seq = 18 WHERE seq = 1000")
		}, want: []string{
			"17: " + saysHash,
			"17: it cites an act that is not before it",
			"18: " + saysHash,
			"18: it was recorded at 2026-03-01T09:00:17.000000Z, before the act before it",
			"19: checkpoint 20 states another root: an act up to here was changed",
			"22: its row says that act 17 is before it in its file, it is act 18",
			"23: its row says that act 18 is before it in its file, it is act 17",
			"39: kept checkpoint 2 states another root: an act up to here was changed",
			saysRoot,
			saysEdge,
		}},
		{name: "cut off", tamper: func(f *forger) { f.exec("DELETE FROM act WHERE seq >= 30") }, want: []string{
			"30: the head counts 40 acts, the last one there is number 29",
			"30: checkpoint 40 states 40 acts, only 30 are there",
			"30: kept checkpoint 2 states 40 acts, only 30 are there",
			"30: there are stored hashes of acts that are not there",
		}},
		{name: "cut off with the head moved back", tamper: func(f *forger) { f.truncate(30, false) }, want: []string{
			"30: checkpoint 40 states 40 acts, only 30 are there",
			"30: kept checkpoint 2 states 40 acts, only 30 are there",
			"30: there are stored hashes of acts that are not there",
		}},
		{name: "cut off, the head moved back and the hashes, too", tamper: func(f *forger) { f.truncate(30, true) }, want: []string{
			"30: checkpoint 40 states 40 acts, only 30 are there",
			"30: kept checkpoint 2 states 40 acts, only 30 are there",
		}},
		{name: "cut off at a checkpoint, the later one deleted", tamper: func(f *forger) {
			f.truncate(20, true)
			f.exec("DELETE FROM checkpoint WHERE size > 20")
		}, check: func(_ testing.TB, c *Check) { c.Against = [][]byte{c.Against[1]} }, want: []string{"20: kept checkpoint 1 states 40 acts, only 20 are there"}},
		{name: "a hash changed", tamper: func(f *forger) { f.flip("hash", "hashes", hashRow(3), 0) }, want: []string{"12: " + saysHash}},
		{name: "a hash above changed", tamper: func(f *forger) { f.flip("hash", "hashes", hashRow(3), 33) }, want: []string{"13: " + saysHash}},
		{name: "a hash four levels above changed", tamper: func(f *forger) { f.flipHash(4, 0) }, want: []string{"15: a stored Merkle hash above it was changed"}},
		{name: "a row of hashes deleted", tamper: func(f *forger) { f.exec("DELETE FROM hash WHERE " + hashRow(3)) }, want: []string{"12: its Merkle hashes are not stored, nor perhaps those of acts after it"}},
		{name: "a row of hashes too long", tamper: func(f *forger) {
			f.exec("UPDATE hash SET hashes = (SELECT a.hashes FROM hash a WHERE a.first = 1) WHERE first = 0")
		}, want: []string{
			"0: " + saysHash,
			"1: " + saysHash,
			"2: the row of stored hashes from 1 has a wrong length, or the one before it",
		}},
		{name: "all hashes deleted", tamper: func(f *forger) { f.exec("DELETE FROM hash") }, want: []string{"0: its Merkle hashes are not stored, nor perhaps those of acts after it"}},
		{name: "hashes left over", tamper: func(f *forger) { f.exec("INSERT INTO hash (first, hashes) VALUES (1000, ?)", make([]byte, 32)) }, want: []string{"40: there are stored hashes of acts that are not there"}},
		{name: "head counts one more", tamper: func(f *forger) { f.exec("UPDATE head SET size = size + 1") }, want: []string{"40: the head counts 41 acts, the last one there is number 39"}},
		{name: "head has another root", tamper: func(f *forger) { f.flip("head", "root", "id = 1", 0) }, want: []string{saysRoot}},
		{name: "head has another edge", tamper: func(f *forger) { f.flip("head", "edge", "id = 1", 40) }, want: []string{saysEdge}},
		{name: "head is ahead of time", tamper: func(f *forger) { f.exec("UPDATE head SET recorded = recorded + 1") }, want: []string{"39: the head says that the newest act was recorded at 2026-03-01T09:00:39.000001Z, it was at 2026-03-01T09:00:39.000000Z"}},
		{name: "head is behind its time", tamper: func(f *forger) { f.exec("UPDATE head SET recorded = recorded - 1") }, want: []string{"39: the head says that the newest act was recorded at 2026-03-01T09:00:38.999999Z, it was at 2026-03-01T09:00:39.000000Z"}},
		{name: "head has another origin", tamper: func(f *forger) { f.exec("UPDATE head SET origin = 'sanad.example/other'") }, want: ofAnotherLog()},
		{name: "checkpoint changed", tamper: func(f *forger) { f.flip("checkpoint", "note", "size = 20", len(origin)+2) }, want: []string{"-1: checkpoint 20 is no signed note, or its signature is false: invalid signature for key sanad.example/ledger+ff538689"}},
		{name: "checkpoint's row moved", tamper: func(f *forger) { f.exec("UPDATE checkpoint SET size = 21 WHERE size = 20") }, want: []string{"-1: checkpoint 21 states size 20"}},
		{name: "checkpoint's row moved back", tamper: func(f *forger) { f.exec("UPDATE checkpoint SET size = 19 WHERE size = 20") }, want: []string{"-1: checkpoint 19 states size 20"}},
		{name: "all checkpoints deleted", tamper: func(f *forger) { f.exec("DELETE FROM checkpoint") }, want: []string{saysUnsigned}},
		{name: "an act changed before the only checkpoint", tamper: func(f *forger) {
			f.exec("DELETE FROM checkpoint WHERE size < 40")
			f.flip("act", "envelope", "seq = 17", 40)
		}, check: alone, want: []string{
			"17: envelope: byte 40: expected ,\"file\":",
			"17: " + saysHash,
			"39: checkpoint 40 states another root: an act up to here was changed",
			saysRoot,
			saysEdge,
			saysUnsigned,
		}},
		{name: "checkpoint signed by another key", tamper: func(f *forger) {
			other, _ := keys(f.t, 2)
			f.sign(other, 40)
		}, want: []string{"-1: checkpoint 40 is not signed by a key that was given for this log"}},
		{name: "another past signed by the same key", spoil: func(i int, env *act.Envelope, _ *proof.Sum) {
			if i == 15 {
				env.Facts = act.NewFacts(map[string]act.Value{"count": act.OfInt(-1)})
			}
		}, want: []string{"39: kept checkpoint 2 states another root: an act up to here was changed"}},
		{name: "a kept checkpoint that another key signed", check: func(t testing.TB, c *Check) {
			other, _ := keys(t, 2)
			signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n3\n%s\n", origin, tlog.Hash{1})}, other)
			if err != nil {
				t.Fatal(err)
			}
			c.Against = append(c.Against, signed)
		}, want: []string{"-1: kept checkpoint 3 is not signed by a key that was given for this log"}},
		{name: "a witness who did not sign", check: func(t testing.TB, c *Check) {
			_, vkey, err := proof.KeyPair("witness.example", [32]byte{5})
			if err != nil {
				t.Fatal(err)
			}
			witness, err := note.NewVerifier(vkey)
			if err != nil {
				t.Fatal(err)
			}
			c.Keys = append(c.Keys, witness)
		}, want: []string{"-1: the newest checkpoint is not signed by witness.example"}},
		{name: "a fork", spoil: forkAt(15), check: alone, want: []string{"15: its link is that of act 10: the thread forks"}},
		{name: "recorded goes back", spoil: at(17, func(env *act.Envelope) { env.Recorded, env.Effective = env.Recorded.Add(-5e9), env.Effective.Add(-5e9) }), check: alone, want: []string{"17: it was recorded at 2026-03-01T09:00:12.000000Z, before the act before it"}},
		{name: "a gap in a thread", spoil: at(17, func(env *act.Envelope) { env.Pos++ }), check: alone, want: []string{"17: position 3 of its thread was expected, it says 4"}},
		{name: "a position twice", spoil: at(17, func(env *act.Envelope) { env.Pos-- }), check: alone, want: []string{"17: position 3 of its thread was expected, it says 2"}},
		{name: "another thread for one file and audience", spoil: at(17, func(env *act.Envelope) { env.Thread = act.ID{1} }), check: alone, want: []string{
			"17: its file and audience have another thread already",
			"22: its file and audience have another thread already",
		}},
		{name: "one thread for two files", spoil: at(17, func(env *act.Envelope) { env.File, env.Pos = act.ID{1}, 0 }), check: alone, want: []string{
			"17: its row says that act 12 is before it in its file, it is no act",
			"17: its thread is that of act 2, of another file or audience",
			"22: its row says that act 17 is before it in its file, it is act 12",
			"22: position 3 of its thread was expected, it says 1",
		}},
		{name: "a citation of nothing", spoil: at(17, func(env *act.Envelope) { env.Cites = []act.ID{{1}} }), check: alone, want: []string{"17: it cites an act that is not before it"}},
		{name: "a citation of itself", spoil: at(17, func(env *act.Envelope) { env.Cites = []act.ID{env.ID} }), check: alone, want: []string{"17: it cites an act that is not before it"}},
		{name: "a signature of another content", spoil: at(firstSigned, other), check: alone, want: []string{
			"21: it changes a commitment that an act it cites carries",
			"23: it changes a commitment that an act it cites carries",
		}},
		{name: "a decision of another content", spoil: at(decided, other), check: alone, want: []string{
			"23: it changes a commitment that an act it cites carries",
			"23: it changes a commitment that an act it cites carries",
		}},
		{name: "an exhibit without its commitment", spoil: at(exhibited, func(env *act.Envelope) { env.Commits = nil }), check: alone, want: []string{"12: it binds no exhibit"}},
		{name: "an exhibit that is gone", check: func(_ testing.TB, c *Check) {
			c.Exhibit = func(act.ID, [32]byte) error { return fmt.Errorf("is not in the store") }
		}, want: []string{"12: exhibit a4aaaaaaaaaaaaaaaaaaaaaaaa: is not in the store"}},
	}
}

// ofAnotherLog is what is said when not even the name of the log is right: every leaf is another then.
func ofAnotherLog() []string {
	var want []string
	for _, what := range []string{"checkpoint 3", "checkpoint 20", "checkpoint 40", "kept checkpoint 1", "kept checkpoint 2"} {
		want = append(want, fmt.Sprintf("-1: %s is of another log, %q", what, origin))
	}
	for i := range 40 {
		want = append(want, fmt.Sprintf("%d: %s", i, saysHash))
	}
	return append(want, saysRoot, saysEdge, saysUnsigned)
}

// hashRow picks the row of the commit that is the nth, from 0.
func hashRow(n int) string {
	first := int64(0)
	for _, size := range sizes()[:n] {
		first += int64(size)
	}
	return fmt.Sprint("first = ", tlog.StoredHashCount(first))
}

// at spoils the envelope of one act.
func at(n int, change func(env *act.Envelope)) func(int, *act.Envelope, *proof.Sum) {
	return func(i int, env *act.Envelope, _ *proof.Sum) {
		if i == n {
			change(env)
		}
	}
}

// forkAt gives act n the link of the act five before it, which is of the same thread.
func forkAt(n int) func(int, *act.Envelope, *proof.Sum) {
	var before proof.Sum
	return func(i int, _ *act.Envelope, link *proof.Sum) {
		switch i {
		case n - 5:
			before = *link
		case n:
			*link = before
		}
	}
}

// alone leaves out the checkpoints that somebody kept of the true log: the forger's own word is all there is.
func alone(_ testing.TB, c *Check) { c.Against = nil }

func other(env *act.Envelope) { env.Commits = []act.Commit{{Name: "content", Sum: [32]byte{4}}} }

// replace changes the text of an envelope.
func (f *forger) replace(seq int64, from, to string) {
	var b []byte
	err := f.tx.QueryRow(f.t.Context(), "SELECT envelope FROM act WHERE seq = ?", seq).Scan(&b)
	if err != nil || !strings.Contains(string(b), from) {
		f.t.Errorf("act %d has no %s: %v", seq, from, err)
	}
	f.exec("UPDATE act SET envelope = ? WHERE seq = ?", []byte(strings.Replace(string(b), from, to, 1)), seq)
}

// truncate cuts the log off and computes a head for what is left.
func (f *forger) truncate(size int64, hashesToo bool) {
	f.exec("DELETE FROM act WHERE seq >= ?", size)
	var edge proof.Frontier
	var last act.Instant
	var stored []tlog.Hash
	err := Each(f.t.Context(), f.tx, 0, func(s *Stored) error {
		stored = edge.Append(leafOf(&s.Entry, &Head{Origin: origin}), stored)
		last = s.Recorded
		return nil
	})
	if err != nil {
		f.t.Error(err)
	}
	root := edge.Root()
	f.exec("UPDATE head SET size = ?, root = ?, edge = ?, recorded = ?", size, root[:], edge.Bytes(), int64(last))
	if !hashesToo {
		return
	}
	f.exec("DELETE FROM hash")
	var flat []byte
	for _, h := range stored {
		flat = append(flat, h[:]...)
	}
	f.exec("INSERT INTO hash (first, hashes) VALUES (0, ?)", flat)
}

// sign replaces a checkpoint by one of another signer.
func (f *forger) sign(signer note.Signer, size int64) {
	head, err := ReadHead(f.t.Context(), f.tx)
	if err != nil {
		f.t.Error(err)
		return
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, head.Edge.Root())}, signer)
	if err != nil {
		f.t.Error(err)
	}
	f.exec("UPDATE checkpoint SET note = ? WHERE size = ?", signed, size)
}
