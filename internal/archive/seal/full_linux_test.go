package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisc mounts a file system of the given size. Tests that use it are not parallel: a mount is the machine's.
func smallDisc(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("missing: root, to mount a small file system")
	}
	folder := t.TempDir()
	err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size+",mode=0700")
	if err != nil {
		t.Skip("missing: the right to mount a small file system: ", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(folder, 0)) })
	return folder
}

func TestFullDisc(t *testing.T) {
	small := smallDisc(t, "1m")
	k := openKeeper(t, keysFolder(t), "")
	folder, err := OpenFolder(filepath.Join(small, "blobs"))
	must(t, err)
	aud := audience(t, k, "a", "police")
	b := bench{NewBlobs(k, folder), k, folder, aud, take(t, k, aud, 1)[0]}
	_, err = b.Put(t.Context(), b.aud, b.key, newID(t, "big"), bytes.NewReader(noise(2<<20)), 9<<20)
	wantErr(t, "a full disc", err, syscall.ENOSPC)
	if left := b.left(t); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	b.put(t, newID(t, "small"), noise(500<<10))
	got, err := b.read(newID(t, "small"))
	must(t, err)
	if !bytes.Equal(got, noise(500<<10)) {
		t.Error("a blob that fits came back changed")
	}
}

// A key store on a full disc hands out no key that is not durable, keeps what it had, and recovers.
func TestFullDiscUnderTheKeys(t *testing.T) {
	small := smallDisc(t, "2m")
	k := openKeeper(t, filepath.Join(small, "keys"), "1")
	aud := audience(t, k, "a", "police")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "body")
	ballast := filepath.Join(small, "ballast")
	err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600)
	wantErr(t, "the ballast fits", err, syscall.ENOSPC)
	_, err = k.Take(t.Context(), aud, 20_000)
	wantErr(t, "take on a full disc", err, errAny)
	forgetAll(k)
	mustOpen(t, k, aud, key, sealed, "body")
	must(t, os.Remove(ballast))
	keys := take(t, k, aud, 40)
	must(t, k.Close())
	k = openKeeper(t, filepath.Join(small, "keys"), "2")
	mustOpen(t, k, aud, key, sealed, "body")
	mustOpen(t, k, aud, keys[39], sealBody(t, k, aud, keys[39], "x"), "x")
	must(t, k.Close())
}
