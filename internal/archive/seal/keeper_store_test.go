package seal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sanad/internal/act"
)

func TestTwoKeepersOnOneFolder(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	var wg sync.WaitGroup
	keepers := make([]*Keeper, 4)
	for i := range keepers { // they also make the store at the same moment
		wg.Go(func() {
			var err error
			keepers[i], err = Open(t.Context(), folder, nil, seeded(fmt.Sprint("keeper ", i)))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	defer func() {
		for _, k := range keepers {
			must(t, k.Close())
		}
	}()
	aud := audience(t, keepers[0], "a", "police", "bank")
	var mu sync.Mutex
	seen := map[act.ID]bool{}
	for _, k := range keepers {
		wg.Go(func() {
			for range 60 {
				ids, err := k.Take(t.Context(), aud, 5)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for _, id := range ids {
					if seen[id] {
						t.Errorf("key %s was handed out twice", id)
					}
					seen[id] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	key := take(t, keepers[0], aud, 1)[0]
	sealed := sealBody(t, keepers[0], aud, key, "shared")
	secret, err := keepers[0].Derive("x")
	must(t, err)
	for _, k := range keepers {
		mustOpen(t, k, aud, key, sealed, "shared")
		same, err := k.Derive("x")
		must(t, err)
		if same != secret {
			t.Error("two processes have two office keys")
		}
	}
}

func TestEveryConnectionIsDurable(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "odd ?name#50%20&x=1")
	k := openKeeper(t, folder, "")
	if _, err := os.Stat(filepath.Join(folder, storeFile)); err != nil {
		t.Fatal("the store is not where it was asked for:", err)
	}
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "temp_store": "2", "busy_timeout": "10000"}
	for range 4 { // held all at once, so that each is another one
		conn, err := k.store.read.Conn(t.Context())
		must(t, err)
		defer func() { _ = conn.Close() }()
		for name, value := range want {
			var got string
			must(t, conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
			if got != value {
				t.Errorf("reader: %s is %s, want %s", name, got, value)
			}
		}
		_, err = conn.ExecContext(t.Context(), "DELETE FROM key")
		wantErr(t, "a reader writes", err, errAny)
	}
	for name, value := range want {
		var got string
		must(t, k.store.write.QueryRow("PRAGMA "+name).Scan(&got))
		if got != value {
			t.Errorf("writer: %s is %s, want %s", name, got, value)
		}
	}
	for _, name := range []string{storeFile, storeFile + "-wal", storeFile + "-shm", rootFile, "erasures"} {
		info, err := os.Stat(filepath.Join(folder, name))
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
}

func TestStoreOfANewerProgramIsRefused(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "")
	runSQL(t, k, "PRAGMA user_version = 9")
	must(t, k.Close())
	_, err := Open(t.Context(), folder, nil, seeded("2"))
	if err == nil || !strings.Contains(err.Error(), "form 9") {
		t.Errorf("got %v", err)
	}
}
