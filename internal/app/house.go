package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/parties"
	"sanad/migrations/postgres"
	"sanad/migrations/sqlite"
)

// plan is what a house is built from.
type plan struct {
	folder   string // blobs, keys, and the embedded database
	url      string // of the database; empty for the embedded one in folder
	pack     string
	variant  string // the governance variant asked for; empty for the log's, or the pack's first
	backedUp bool
	serve    bool // takes the folder for itself where the database is embedded
	bare     bool // opens no desk: what they read of the log may be about to be made anew
	legal    func() time.Time
	process  func() time.Time
	dice     io.Reader
	chance   io.Reader // for what no log holds: names of requests, keys of counters
	log      *slog.Logger
	origin   string // opens the log's origin; empty for a log that is meant
	identity bool   // reporters may leave a way to be reached: data protection was notified
}

// house is every room, built and joined.
type house struct {
	plan
	db     *store.DB
	keeper *seal.Keeper
	blobs  *seal.Blobs
	book   *access.Book
	pack   *pack.Pack
	kinds  *act.Catalogue
	clerk  *clerk.Clerk
	rooms
	key    *logKey
	signed beat
	// governance is the pack's variant under which the log was founded, "" where the pack has none.
	governance string
	// lawless is why procedures have no law under which they could go on; nil where all have.
	lawless atomic.Pointer[error]
	close   []func() error
}

// catalogue declares every kind of act there is.
func catalogue() (*act.Catalogue, error) {
	var all []act.Schema
	sorts := []string{notice.Sort, cases.Sort, registry.Sort, watch.Sort, register.Sort}
	all = append(all, protocol.Schemas(sorts...)...)
	all = append(all, notice.Kinds()...)
	all = append(all, cases.Kinds()...)
	all = append(all, registry.Kinds()...)
	all = append(all, watch.Kinds()...)
	all = append(all, request.Kinds()...)
	all = append(all, sanction.Kinds()...)
	all = append(all, register.Kinds()...)
	all = append(all, exhibits.Kinds(sorts...)...)
	all = append(all, parties.Kinds()...)
	all = append(all, clerk.Kinds(append(sorts, parties.Sorts()...)...)...)
	return act.NewCatalogue(all...)
}

// lists are the pack's closed lists, with what the house itself adds to them.
type lists struct{ pack *pack.Pack }

// Has implements act.Lists.
func (l lists) Has(list, word string) bool {
	switch {
	case list == "roles" && word == parties.RoleKeeper, list == "institutions" && word == parties.House,
		list == "seats" && word == parties.SeatKeeper, list == "compartments" && word == partiesCompartment:
		return true
	case list == "seats":
		return slices.ContainsFunc(l.pack.Roles, func(r pack.Role) bool { return slices.Contains(r.Seats, word) })
	case list == "variants":
		return slices.Contains(l.pack.Variants, word)
	case list == "compartments":
		return l.pack.Compartment(word) != nil
	}
	return l.pack.Has(list, word)
}

// partiesCompartment is what acts about persons and mandates are read under. The keeper holds it, and no role of a pack.
const partiesCompartment = "house.parties"

// migrations returns the migrations of an engine.
func migrations(engine store.Engine) ([]store.Migration, error) {
	if engine == store.Postgres {
		return store.Migrations(postgres.Files)
	}
	return store.Migrations(sqlite.Files)
}

const (
	databaseFile = "sanad.db"
	keysFolder   = "keys"
	blobsFolder  = "blobs"
)

// build opens every room. On an error nothing is left open.
func build(ctx context.Context, p plan) (h *house, err error) {
	h = &house{plan: p}
	if h.chance == nil {
		h.chance = p.dice
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.shut())
		}
	}()
	h.kinds, err = catalogue()
	if err != nil {
		return h, err
	}
	h.pack, err = loadPack(p.pack, h.kinds)
	if err != nil {
		return h, err
	}
	err = h.mayRun()
	if err != nil {
		return h, err
	}
	err = h.openArchive(ctx)
	if err != nil {
		return h, err
	}
	err = h.govern(ctx)
	if err != nil {
		return h, err
	}
	err = h.openBook(ctx)
	if err != nil {
		return h, err
	}
	err = h.furnish()
	if err != nil {
		return h, err
	}
	h.clerk, err = clerk.Open(clerk.Config{
		DB: h.db, Keeper: h.keeper, Blobs: h.blobs, Book: h.book, Engine: h.pack.Engine(), Catalogue: h.kinds, Lists: lists{h.pack},
		Plain: h.plain(), Deciders: h.deciders(), Cites: cases.Cites(h.takes), Rests: h.rests(), Course: followed(), Cited: counted(), Projectors: h.projectors(), Outside: h.outside(), Points: []string{factPlatform}, Standing: h.registerFile,
		Keep: h.pack.Keep, Whole: []string{notice.ClassOutside}, Keeps: []string{cases.KindJoined}, Signer: h.key.signer, Dice: p.dice, Clock: p.legal, Log: p.log,
	})
	if err != nil {
		return h, err
	}
	h.close = append(h.close, func() error { h.clerk.Close(); return nil })
	err = h.found(ctx)
	if err != nil {
		return h, err
	}
	err = h.govern(ctx) // again: another server may have founded the log meanwhile
	if err != nil {
		return h, err
	}
	err = h.clerk.DestroyAgain(ctx)
	if err != nil {
		return h, err
	}
	if p.bare {
		return h, nil
	}
	return h, h.openDesks(ctx)
}

// openBook opens the book of who sees what under the pack's policies, and has the table of who reads what say the same.
func (h *house) openBook(ctx context.Context) error {
	policies, err := access.Of(h.pack)
	if err != nil {
		return err
	}
	h.book, err = access.Open(h.keeper, policies, h.dice)
	if err != nil {
		return err
	}
	return h.db.Write(ctx, func(tx *store.Tx) error {
		mended, err := h.book.Settle(ctx, tx)
		if err != nil || mended == 0 {
			return err
		}
		h.log.LogAttrs(ctx, slog.LevelWarn, "policies changed: who reads what was decided anew", slog.Int("mended", mended))
		return ledger.AccessChanged(ctx, tx)
	})
}

// openArchive opens database, keys and blobs.
func (h *house) openArchive(ctx context.Context) error {
	err := os.MkdirAll(h.folder, 0o700)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	at := h.url
	if at == "" {
		at = filepath.Join(h.folder, databaseFile)
	}
	if h.serve && !strings.Contains(at, "://") {
		unlock, err := lockFolder(h.folder)
		if err != nil {
			return err
		}
		h.close = append(h.close, func() error { unlock(); return nil })
	}
	h.db, err = store.Open(ctx, at)
	if err != nil {
		return err
	}
	h.close = append(h.close, h.db.Close)
	all, err := migrations(h.db.Engine())
	if err != nil {
		return err
	}
	backup, err := h.db.Upgrade(ctx, all, h.backedUp)
	if err != nil {
		return err
	}
	if backup != "" {
		h.log.LogAttrs(ctx, slog.LevelInfo, "the database was upgraded; a copy of how it was is kept", slog.String("copy", filepath.Base(backup)))
	}
	keys := filepath.Join(h.folder, keysFolder)
	root, err := seal.OpenRoot(keys, h.dice)
	if err != nil {
		return err
	}
	h.keeper, err = seal.Open(ctx, keys, root, h.dice)
	if err != nil {
		return err
	}
	h.close = append(h.close, h.keeper.Close)
	err = h.finishRotations(ctx)
	if err != nil {
		return err
	}
	blobs, err := seal.OpenFolder(filepath.Join(h.folder, blobsFolder))
	if err != nil {
		return err
	}
	h.blobs = seal.NewBlobs(h.keeper, blobs)
	return h.openLogKey(ctx, keys)
}

// What opens the origin of a log; the pack's id follows.
const (
	originPrefix = "sanad/" // a log that is meant
	demoOrigin   = "demo/"  // a demonstration: it proves nothing
)

// packOf is the id of the pack a log was begun under.
func packOf(origin string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(origin, originPrefix), demoOrigin), "/")
	return id
}

// mayRun keeps fictional law apart from law that is meant: each has its own command.
func (h *house) mayRun() error {
	played := h.origin == demoOrigin
	switch {
	case h.pack.Fictional && !played:
		return fmt.Errorf("the pack %s holds fictional law, under which nothing can be decided: sanad demo plays it", h.pack.ID)
	case played && !h.pack.Fictional:
		return fmt.Errorf("the pack %s is not marked fictional: sanad demo plays only a pack that says fictional: true", h.pack.ID)
	}
	what, do := lacksVariant(h.pack, h.variant)
	if what != "" {
		return fmt.Errorf("%s: %s", what, do)
	}
	return nil
}

// openLogKey reads the log's key, or makes it with a new log. A log whose key is elsewhere is refused: signing it with
// another would break every proof handed out.
func (h *house) openLogKey(ctx context.Context, keys string) error {
	var origin string
	err := h.db.Read(ctx, func(tx *store.Tx) error {
		head, err := ledger.ReadHead(ctx, tx)
		if err == nil {
			origin = head.Origin
		}
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNoLog) {
		return err
	}
	opens, other := originPrefix, demoOrigin
	if h.origin == demoOrigin {
		opens, other = demoOrigin, originPrefix
	}
	prefix := opens + h.pack.ID + "/"
	h.key, err = readLogKey(keys)
	if err == nil && strings.HasPrefix(h.key.origin, other) {
		return errWrongFolder(h.key.origin)
	}
	switch {
	case errors.Is(err, errNoLogKey) && origin != "":
		return fmt.Errorf("the log %s was begun with a key that is not in %s: put log.key back from its backup, or give the right --data", origin, keys)
	case errors.Is(err, errNoLogKey):
		h.key, err = makeLogKey(keys, prefix, h.dice)
	}
	if err != nil {
		return err
	}
	if origin != "" && origin != h.key.origin {
		return fmt.Errorf("the key in %s is of the log %s, the database holds %s: use the folder that belongs to this database", keys, h.key.origin, origin)
	}
	if !strings.HasPrefix(h.key.origin, prefix) {
		return fmt.Errorf("this folder holds the log %s, which was not begun under the pack %s: use the pack it was begun under", h.key.origin, h.pack.ID)
	}
	return nil
}

// errWrongFolder says that a folder belongs to the other command.
func errWrongFolder(origin string) error {
	if strings.HasPrefix(origin, demoOrigin) {
		return fmt.Errorf("this folder holds the demonstration %s, which proves nothing: use another --data, or sanad demo", origin)
	}
	return fmt.Errorf("this folder holds the log %s of a server that is meant: sanad demo touches no such folder; use another --data", origin)
}

// shut closes every room, the last opened first.
func (h *house) shut() error {
	var err error
	for i := len(h.close) - 1; i >= 0; i-- {
		err = errors.Join(err, h.close[i]())
	}
	h.close = nil
	return err
}

// mandateOfSeat finds the mandate in force of a seat, or the mandate of that identifier.
func (h *house) mandateOfSeat(ctx context.Context, seat string) (act.ID, error) {
	id, err := act.ParseID(seat)
	if err == nil {
		return id, nil
	}
	err = h.clerk.Read(ctx, func(tx clerk.Tx) error {
		var b []byte
		now := int64(act.InstantOf(h.legal()))
		err := tx.QueryRow(ctx, "SELECT id FROM mandate WHERE seat = ? AND starts <= ? AND ends > ? ORDER BY starts DESC LIMIT 1", seat, now, now).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("there is no mandate %q in force: sanad console mandates lists them", seat)
		}
		if err != nil {
			return fmt.Errorf("find a mandate: %w", err)
		}
		id = act.ID(b)
		return nil
	})
	return id, err
}
