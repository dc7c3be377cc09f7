//go:build unix

package seal

import (
	"os"
	"syscall"
)

// turn waits until no other process holds the file, and holds it until done is called or the process ends.
func turn(path string) (done func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
