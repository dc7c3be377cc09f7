package app

import (
	"bytes"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// Whoever looks around in a demonstration's folder by command is shown it at the story's time, is told what it is, and changes
// nothing; what records is refused there as ever.
func TestLookInsideDemo(t *testing.T) {
	t.Parallel()
	packed, data := shortStory(t, "2024-12-20T17:00:00Z"), t.TempDir()
	before := demoSummary(t, "--pack", packed, "--data", data)
	file, seat := caseOf(t, data)
	run := func(args ...string) (out, errs string, code int) {
		t.Helper()
		var o, e bytes.Buffer
		code = Main{}.Run(t.Context(), append(args, "--data", data, "--pack", packed), Env{
			Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("looking"),
		})
		return o.String(), e.String(), code
	}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"explain", []string{"protocol", "explain", file, "--mandate", seat, "--lang", "en"}, "\n- "},
		{"mandates", []string{"console", "mandates"}, " " + seat + " "},
		{"calendar", []string{"calendar", "check", "--json"}, `"calendar":`},
		{"rebuild", []string{"rebuild", "--dry-run"}, "would be rebuilt from "},
	} {
		out, errs, code := run(c.args...)
		if code != ExitGood || !strings.Contains(out, c.want) || !strings.Contains(errs, "demonstration: its law is fictional") {
			t.Errorf("%s: exit %d\n%s\n%s", c.name, code, out, errs)
		}
	}
	for _, args := range [][]string{{"console", "invite", "--mandate", seat}, {"key", "rotate"}, {"rebuild"}} {
		out, errs, code := run(args...)
		if code != ExitCant || out != "" || !strings.Contains(errs, "sanad demo") {
			t.Errorf("%v: exit %d\n%s\n%s", args, code, out, errs)
		}
	}
	if after := demoSummary(t, "--pack", packed, "--data", data); after.Checkpoint != before.Checkpoint {
		t.Errorf("looking changed %v to %v", before.Checkpoint, after.Checkpoint)
	}
}

// caseOf finds a case of a folder, and a seat that may read it.
func caseOf(t *testing.T, data string) (file, seat string) {
	t.Helper()
	db, err := store.OpenReadOnly(t.Context(), filepath.Join(data, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		var id sql.RawBytes
		rows, err := tx.Query(t.Context(), "SELECT a.file, m.seat FROM act a JOIN may y ON y.audience = a.audience JOIN mandate m ON m.id = y.mandate "+
			"WHERE a.file IN (SELECT file FROM docket WHERE sort = 'case') AND m.seat <> 'keeper' ORDER BY a.seq LIMIT 1")
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			err = rows.Scan(&id, &seat)
			if err != nil {
				return err
			}
			file = act.ID(id).String()
		}
		return rows.Err()
	})
	err = errors.Join(err, db.Close())
	if err != nil || file == "" {
		t.Fatalf("no case was found: %v", err)
	}
	return file, seat
}
