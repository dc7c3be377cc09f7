package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sanad/internal/act"
)

var (
	errWithheld = errors.New("withheld")
	// errAny stands for "some error" in wantErr.
	errAny = anyError{}
)

type anyError struct{}

func (anyError) Error() string { return "any error" }

// withholding is a key service that will not unwrap one compartment's key.
type withholding struct {
	KeyService
	compartment act.ID
}

func (w withholding) Unwrap(ctx context.Context, wrapped, ad []byte) ([]byte, error) {
	if bytes.Contains(ad, w.compartment[:]) {
		return nil, errWithheld
	}
	return w.KeyService.Unwrap(ctx, wrapped, ad)
}

func TestRootExposedToOthersIsRefused(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	must(t, openKeeper(t, folder, "1").Close())
	root := filepath.Join(folder, rootFile)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o602, 0o610, 0o644, 0o777} {
		must(t, os.Chmod(root, mode))
		_, err := Open(t.Context(), folder, nil, seeded("2"))
		wantErr(t, fmt.Sprintf("mode %o", mode), err, ErrRootExposed)
	}
	must(t, os.Chmod(root, 0o400))
	must(t, openKeeper(t, folder, "3").Close())
}

func TestRootIsNeverReplaced(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	must(t, openKeeper(t, folder, "1").Close())
	root := filepath.Join(folder, rootFile)
	kept, err := os.ReadFile(root)
	must(t, err)

	must(t, os.Remove(root))
	_, err = Open(t.Context(), folder, nil, seeded("2"))
	wantErr(t, "root missing", err, ErrRootMissing)
	_, err = os.Stat(root)
	wantErr(t, "a root made in its place", err, os.ErrNotExist)

	for _, size := range []int{0, 31, 33} {
		must(t, os.WriteFile(root, make([]byte, size), 0o600))
		_, err = Open(t.Context(), folder, nil, seeded("3"))
		wantErr(t, fmt.Sprintf("root of %d bytes", size), err, errAny)
	}
	must(t, os.WriteFile(root, bytes.Repeat([]byte{7}, 32), 0o600))
	_, err = Open(t.Context(), folder, nil, seeded("4"))
	wantErr(t, "another root", err, ErrSealBroken)

	must(t, os.WriteFile(root, kept, 0o600))
	must(t, openKeeper(t, folder, "5").Close())
	left, err := filepath.Glob(filepath.Join(folder, rootFile+".*"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("left beside the root: %v", left)
	}
}

func TestRootBindsWhatItWraps(t *testing.T) {
	t.Parallel()
	root, err := OpenRoot(t.TempDir(), seeded("root"))
	must(t, err)
	wrapped, err := root.Wrap(t.Context(), []byte("a compartment's key"), []byte("compartment 1"))
	must(t, err)
	got, err := root.Unwrap(t.Context(), wrapped, []byte("compartment 1"))
	must(t, err)
	if string(got) != "a compartment's key" {
		t.Errorf("unwrapped %q", got)
	}
	_, err = root.Unwrap(t.Context(), wrapped, []byte("compartment 2"))
	wantErr(t, "another compartment", err, ErrSealBroken)
	for i := range wrapped {
		bad := bytes.Clone(wrapped)
		bad[i] ^= 4
		_, err = root.Unwrap(t.Context(), bad, []byte("compartment 1"))
		wantErr(t, fmt.Sprintf("byte %d changed", i), err, ErrSealBroken)
	}
}
