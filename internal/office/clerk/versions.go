package clerk

import (
	"context"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// edition is a version of a protocol.
type edition struct {
	protocol string
	version  int
}

// unlisted stands in the table of versions where the versions of older files were not listed yet.
var unlisted = edition{}

var versionTable = store.Table{
	Name: "version", Columns: []string{"protocol", "version"}, Types: []string{"text", "bigint"}, Conflict: "ON CONFLICT DO NOTHING",
}

// under says which version of a protocol an act puts its run under; not ok for an act that performs no step and migrates nothing.
func under(e *act.Envelope) (v edition, ok bool) {
	if e.Procedure != nil {
		return edition{e.Procedure.Protocol, e.Procedure.Version}, true
	}
	if e.Kind != protocol.KindMigrated {
		return v, false
	}
	id, _ := e.Facts.Get(protocol.FactProtocol)
	to, _ := e.Facts.Get(protocol.FactTo)
	return edition{id.Code(), int(to.Int())}, true
}

// listVersions lists the versions that acts of the pass put runs under, those that this clerk has not listed since it started. There
// is one of each, so that next to no commit writes any.
func (p *pass) listVersions(ctx context.Context) error {
	for i := range p.acts {
		v, ok := under(p.acts[i].Envelope)
		if ok && !slices.Contains(p.c.listed, v) && !slices.Contains(p.lists, v) {
			p.lists = append(p.lists, v)
		}
	}
	return list(ctx, p.tx.take(), p.lists)
}

func list(ctx context.Context, tx *store.Tx, versions []edition) error {
	rows := versionTable.NewRows()
	for _, v := range versions {
		rows.Add(v.protocol, int64(v.version))
	}
	return tx.Insert(ctx, rows)
}

// Lost is how many open runs there are of a version that the law does not hold.
type Lost struct {
	Protocol string
	Version  int
	Runs     int
}

// Lost lists the versions of protocols that open runs are under and the law does not hold. It reads the states of files only where
// the law does not hold every version that a run was ever under, and once on a database that an older program wrote.
func (c *Clerk) Lost(ctx context.Context) ([]Lost, error) {
	var all []edition
	err := c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = versions(ctx, tx)
		return err
	})
	if err == nil && slices.Contains(all, unlisted) {
		all, err = c.listAll(ctx)
	}
	lacks := func(v edition) bool { return c.Engine.Protocol(v.protocol, v.version) == nil }
	if err != nil || !slices.ContainsFunc(all, lacks) {
		return nil, err
	}
	var out []Lost
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		return everyState(ctx, tx, func(_ act.ID, _ int64, st *protocol.State) {
			for _, l := range c.Engine.Lost(st) {
				i := slices.IndexFunc(out, func(x Lost) bool { return x.Protocol == l.Protocol && x.Version == l.Version })
				if i < 0 {
					i = len(out)
					out = append(out, Lost{Protocol: l.Protocol, Version: l.Version})
				}
				out[i].Runs++
			}
		})
	})
	return out, err
}

// versions reads the table of versions.
func versions(ctx context.Context, tx *store.Tx) ([]edition, error) {
	rows, err := tx.Query(ctx, "SELECT protocol, version FROM version ORDER BY protocol, version")
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []edition
	for rows.Next() {
		var v edition
		err = rows.Scan(&v.protocol, &v.version)
		if err != nil {
			return nil, fmt.Errorf("read versions: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// listAll lists the versions of files that were there before the table was, while nothing is recorded.
func (c *Clerk) listAll(ctx context.Context) (all []edition, err error) {
	err = c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := ledger.Lock(ctx, tx)
		if err != nil {
			return err
		}
		var found []edition
		note := func(id string, version int) {
			v := edition{id, version}
			if version > 0 && !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
		err = everyState(ctx, tx, func(_ act.ID, _ int64, st *protocol.State) {
			for i := range st.Procedures {
				r := &st.Procedures[i]
				note(r.Protocol, r.Version)
				note(r.Protocol, r.Opened)
			}
		})
		if err == nil {
			err = list(ctx, tx, found)
		}
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE FROM version WHERE protocol = ? AND version = ?", unlisted.protocol, unlisted.version)
		}
		if err != nil {
			return err
		}
		all, err = versions(ctx, tx)
		return err
	})
	return all, err
}
