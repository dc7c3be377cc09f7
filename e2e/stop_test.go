package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A server that is asked to stop finishes what it began: every request under way is answered, with its proof, and a
// signed checkpoint covers the last act.
func TestStopFinishes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		dir := t.TempDir()
		s := serve(t, dir, db)
		pool := open(t, dir, db)
		var clients sync.WaitGroup
		var mu sync.Mutex
		var taken []*receipt
		const flying = 16
		for i := range flying {
			clients.Go(func() {
				got, r, err := post(t.Context(), client(), s.public, fmt.Sprintf("in flight %d", i))
				if err != nil || got == nil || got.Proof == "" {
					t.Errorf("cut: %+v %v", r, err)
					return
				}
				mu.Lock()
				taken = append(taken, got)
				mu.Unlock()
			})
		}
		// All are recorded, and wait for their proofs.
		for deadline := time.Now().Add(20 * time.Second); count(t, pool, "SELECT count(*) FROM notice") < flying; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("not all arrived")
			}
		}
		_ = pool.Close()
		err := s.cmd.Process.Signal(syscall.SIGTERM)
		if err != nil {
			t.Fatal(err)
		}
		clients.Wait()
		s.wait()
		v := verify(t, dir, db, logKey(t, dir), against(t, taken)...)
		if v.Signed != v.Acts || len(taken) != flying {
			t.Errorf("%d of %d answered; %d acts, %d signed", len(taken), flying, v.Acts, v.Signed)
		}
		_, err = send(t.Context(), client(), s.public+"/", "text/plain", nil, "")
		if err == nil {
			t.Error("it answers after it stopped")
		}
	})
}

// A notice taken in the last moment, which nobody waits for a proof of, is covered as well.
func TestLastActIsSigned(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		dir := t.TempDir()
		s := serve(t, dir, db)
		got, r, err := fill(t.Context(), client(), s.public, "the last one")
		if err != nil || got == nil {
			t.Fatalf("%+v %v", r, err)
		}
		s.stop()
		if v := verify(t, dir, db, logKey(t, dir)); v.Signed != v.Acts {
			t.Errorf("%d acts, %d signed", v.Acts, v.Signed)
		}
	})
}

// A server on a folder that is already in use says where it listens, and is well.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		dir := filepath.Join(t.TempDir(), "data") // which the server makes
		s := serve(t, dir, db)
		got := mustPost(t, s.public, "before")
		s.stop()
		s = serve(t, dir, db)
		err := follows(client(), s.public, got)
		if err != nil {
			t.Error(err)
		}
		r := fetch(t, s.ops+"/healthz")
		var health struct{ OK bool }
		if json.Unmarshal(r.body, &health) != nil || r.status != http.StatusOK || !health.OK {
			t.Errorf("health: %d %s", r.status, r.body)
		}
		s.stop()
	})
}
