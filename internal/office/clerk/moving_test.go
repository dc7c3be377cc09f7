package clerk

import (
	"slices"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// A file is taken as it was found where nothing was recorded in it since, and read again where something was; one that is at hand is
// taken from there. What a pass took, and perhaps changed without writing it, no other pass takes.
func TestFoundFilesAreTakenOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := migrated(t)
	const size = 10 // of the log when the files were found
	state := func(id byte, acts int64) *protocol.State {
		return &protocol.State{File: act.ID{id}, Sort: "notice", Acts: acts}
	}
	still, since, between, handy := byte(1), byte(2), byte(3), byte(4)
	found := &staleFiles{size: size}
	c := &Clerk{shelf: shelf{size: size + 2, files: map[act.ID]*file{{handy}: {state: *state(handy, 7), last: 4}}}}
	err := db.Write(ctx, func(tx *store.Tx) error {
		rows := stateTable.NewRows()
		for _, x := range []struct {
			id  byte
			seq int64
		}{{still, 3}, {since, size}, {between, size + 1}, {handy, 4}} {
			file := act.ID{x.id}
			rows.Add(slices.Clone(file[:]), x.seq, state(x.id, x.seq+1).AppendBinary(nil))
			if x.id != between {
				found.list = append(found.list, stale{file: file, seq: min(x.seq, 5), state: state(x.id, 100), due: map[act.ID]act.Instant{{9}: 1}})
			}
		}
		return tx.Insert(ctx, rows)
	})
	if err != nil {
		t.Fatal(err)
	}
	gather := func() *pass {
		p := &pass{c: c, files: map[act.ID]*file{}}
		err := db.Write(ctx, func(tx *store.Tx) error {
			p.tx.tx = tx
			return p.gatherStale(ctx, found)
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	type as struct {
		acts, last int64
		setAll     bool
	}
	seen := func(p *pass) map[byte]as {
		out := map[byte]as{}
		for id, f := range p.files {
			out[id[0]] = as{f.state.Acts, f.last, f.setAll}
		}
		return out
	}
	got := seen(gather())
	want := map[byte]as{still: {100, 3, true}, since: {size + 1, size, false}, handy: {7, 4, false}}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("file %d is %+v, want %+v", id, got[id], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	got = seen(gather())
	for id, w := range map[byte]as{still: {4, 3, false}, since: {size + 1, size, false}, handy: {100, 4, true}} {
		if got[id] != w {
			t.Errorf("the second time file %d is %+v, want %+v", id, got[id], w)
		}
	}
}
