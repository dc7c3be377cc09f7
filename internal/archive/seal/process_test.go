package seal

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sanad/internal/act"
)

const childEnv = "SANAD_SEAL_TEST_CHILD"

// TestMain lets the test binary stand for another process of sanad: it opens one body whenever it is asked to.
func TestMain(m *testing.M) {
	task := os.Getenv(childEnv)
	if task == "" {
		os.Exit(m.Run())
	}
	err := child(strings.Split(task, "|"))
	if err != nil {
		fmt.Println("child failed:", err)
		os.Exit(1)
	}
}

func child(task []string) error {
	folder := task[0]
	var ids []act.ID
	for _, text := range task[2:] {
		id, err := act.ParseID(text)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	sealed, err := hex.DecodeString(task[1])
	if err != nil {
		return err
	}
	ctx := context.Background()
	k, err := Open(ctx, folder, nil, seeded("child"))
	if err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		_, body, err := k.OpenBody(ctx, Audience{ids[0], ids[2:]}, ids[1], []byte("act"), sealed)
		switch {
		case errors.Is(err, ErrDestroyed):
			fmt.Println("destroyed")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(string(body))
		}
	}
	return k.Close()
}

func TestAnotherProcessForgetsAtOnce(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "")
	aud := audience(t, k, "a", "police")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "body")

	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%x|%s|%s|%s", childEnv, folder, sealed, aud.ID, key, aud.Compartments[0]))
	ask, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	answers := bufio.NewScanner(out)
	answer := func() string {
		_, err := io.WriteString(ask, "open\n")
		must(t, err)
		answers.Scan()
		return answers.Text()
	}
	for range 3 {
		if got := answer(); got != "body" {
			t.Fatalf("the other process says %q", got)
		}
	}
	must(t, k.Rotate(t.Context(), aud.Compartments[0]))
	if got := answer(); got != "body" {
		t.Errorf("after a rotation the other process says %q", got)
	}
	must(t, k.Destroy(t.Context(), key))
	if got := answer(); got != "destroyed" {
		t.Errorf("after the erasure the other process says %q", got)
	}
	must(t, ask.Close())
	must(t, cmd.Wait())
}
