package ledger

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

func TestVerifyCleanLog(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		signer, verifier := keys(t, 1)
		_, err := Verify(t.Context(), db, Check{})
		if !errors.Is(err, ErrNoLog) {
			t.Fatalf("before there is a log: %v", err)
		}
		must(t, db, func(tx *store.Tx) error { return Found(t.Context(), tx, origin) })
		report, err := Verify(t.Context(), db, Check{Keys: []note.Verifier{verifier}})
		if err != nil || len(report.Problems) > 0 || report.Acts != 0 {
			t.Fatalf("an empty log: %+v, %v", report, err)
		}
		a := newAuthor(1)
		a.commit(t, db, signer, sizes()...)
		kept := keptAt(t, db, 20)
		var bound []string
		report, err = Verify(t.Context(), db, Check{
			Keys: []note.Verifier{verifier}, Against: [][]byte{kept},
			Exhibit: func(id act.ID, sealed [32]byte) error {
				bound = append(bound, fmt.Sprint(id[0], sealed[0]))
				return nil
			},
		})
		if err != nil || len(report.Problems) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		got := fmt.Sprint(report.Origin, report.Acts, report.Root, report.Signed, report.Signatures, bound)
		if got != "sanad.example/ledger40 Wr9gdqA3rCUmGLstKHcZJZZpSzQ53RezMrY48vyFF6Q= 40 2 [7 9]" {
			t.Fatal(got)
		}
	})
}

// keptAt returns the stored checkpoint of a size.
func keptAt(t testing.TB, db *store.DB, size int64) (text []byte) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT note FROM checkpoint WHERE size = ?", size).Scan(&text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Every forgery is found at its place, and nothing else is said than what is listed here.
func TestVerifyForgeries(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		signer, verifier := keys(t, 1)
		newAuthor(1).commit(t, db, signer, sizes()...)
		kept := [][]byte{keptAt(t, db, 3), keptAt(t, db, 40)}
		for _, forgery := range forgeries() {
			t.Run(forgery.name, func(t *testing.T) {
				wipe(t, db)
				a := newAuthor(1)
				a.spoil = forgery.spoil
				a.commit(t, db, signer, sizes()...)
				if forgery.tamper != nil {
					must(t, db, func(tx *store.Tx) error {
						forgery.tamper(&forger{t, tx})
						return nil
					})
				}
				check := Check{Keys: []note.Verifier{verifier}, Against: kept, Exhibit: func(act.ID, [32]byte) error { return nil }}
				if forgery.check != nil {
					forgery.check(t, &check)
				}
				report, err := Verify(t.Context(), db, check)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, p := range report.Problems {
					got = append(got, fmt.Sprintf("%d: %s", p.Seq, p.What))
				}
				if strings.Join(got, "\n") != strings.Join(forgery.want, "\n") {
					t.Errorf("said:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(forgery.want, "\n"))
				}
			})
		}
	})
}
