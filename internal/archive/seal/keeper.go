package seal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"sanad/internal/act"
)

// Keeper keeps the keys of one installation. It is safe for concurrent use, and several processes on one machine
// may keep the same folder.
type Keeper struct {
	store  *store
	svc    KeyService
	dice   *dice
	mem    *memory
	office Key
	batch  int // rows re-wrapped per commit

	taking sync.Mutex // guards pools, and keeps refills in the order of the calls
	pools  map[act.ID]*pool
}

// Audience is who may read: a non-empty set of compartments, all of which a reader holds. Once a key was taken
// for it, its compartments never change.
type Audience struct {
	ID           act.ID
	Compartments []act.ID // in any order
}

// check refuses an audience that could never be refused to anyone.
func (a Audience) check() error {
	if len(a.Compartments) == 0 {
		return fmt.Errorf("audience %s: %w", a.ID, ErrEmptyAudience)
	}
	if a.ID.IsZero() || slices.ContainsFunc(a.Compartments, act.ID.IsZero) {
		return errors.New("the audience or one of its compartments has no identifier: name them all")
	}
	return nil
}

// set returns the compartments sorted and each once; the audience's own slice where it is so already.
func (a Audience) set() []act.ID {
	rising := true
	for i := 1; i < len(a.Compartments) && rising; i++ {
		rising = compareIDs(a.Compartments[i-1], a.Compartments[i]) < 0
	}
	if rising {
		return a.Compartments
	}
	set := slices.Clone(a.Compartments)
	slices.SortFunc(set, compareIDs)
	return slices.Compact(set)
}

func compareIDs(a, b act.ID) int { return slices.Compare(a[:], b[:]) }

// Open opens the key store in folder, and makes folder, store and root where there are none. svc holds the root;
// nil means root.key in the same folder. All randomness comes from random, which other rooms may share only if
// it is safe for concurrent use. Equal bytes and equal calls give equal keys and nonces, so a seeded source must
// not start over on a store that has keys. It fails when another root wrapped the store (ErrSealBroken), when
// the root is missing or exposed, and where a file system cannot keep the store durable.
func Open(ctx context.Context, folder string, svc KeyService, random io.Reader) (*Keeper, error) {
	err := os.MkdirAll(folder, 0o700)
	if err != nil {
		return nil, fmt.Errorf("make the folder of the keys: %w", err)
	}
	k := &Keeper{svc: svc, dice: newDice(random), batch: 512, pools: map[act.ID]*pool{}}
	if svc == nil {
		k.svc, err = OpenRoot(folder, k.dice)
		if err != nil {
			return nil, err
		}
	}
	k.store, err = openStore(ctx, folder)
	if err != nil {
		return nil, err
	}
	var shared *epoch
	err = k.store.update(ctx, func(tx *sql.Tx) error {
		err := prepare(ctx, tx)
		if err != nil {
			return err
		}
		err = k.openOffice(ctx, tx)
		if err != nil {
			return err
		}
		shared, err = openEpoch(filepath.Join(folder, "erasures"))
		return err
	})
	if err == nil {
		err = syncFolder(folder)
	}
	if err == nil {
		k.mem, err = newMemory(shared)
	}
	if err != nil {
		if shared != nil {
			err = errors.Join(err, shared.close())
		}
		return nil, errors.Join(err, k.store.close())
	}
	return k, nil
}

// Close forgets all keys and closes the store. Blanks not taken stay in it, unused and harmless.
func (k *Keeper) Close() error {
	k.taking.Lock()
	defer k.taking.Unlock()
	for _, p := range k.pools {
		p.forget()
	}
	clear(k.pools)
	err := k.mem.close()
	clear(k.office[:]) // after memory is closed nobody reads it
	return errors.Join(err, k.store.close())
}
