//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package seal

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe" //nolint:depguard // an atomic counter inside a mapping; counter says why it is aligned and long enough
)

// epoch is the counter of erasures that all processes on one folder share, mapped into memory as SQLite maps its
// own wal-index: looking at it costs a load, where a read of the file costs a system call and asking the
// database costs a statement. Its value means nothing, only that it moved; it need not survive a reboot.
type epoch struct{ page []byte }

func openEpoch(path string) (*epoch, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the counter of erasures: %w", err)
	}
	defer func() { _ = f.Close() }()
	err = fillEpoch(f)
	if err != nil {
		return nil, err
	}
	page, err := syscall.Mmap(int(f.Fd()), 0, epochSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the counter of erasures: %w", err)
	}
	return &epoch{page}, nil
}

func (e *epoch) counter() *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(e.page))) //nolint:gosec // a mapping is page-aligned and epochSize long
}

func (e *epoch) now() (uint64, error) { return e.counter().Load(), nil }

func (e *epoch) bump() error {
	e.counter().Add(1)
	return nil
}

func (e *epoch) close() error {
	err := syscall.Munmap(e.page)
	if err != nil {
		return fmt.Errorf("unmap the counter of erasures: %w", err)
	}
	return nil
}

const epochSize = 8

// fillEpoch gives a new file its length by writing, not by a hole that a full disc could not fill later. Callers
// hold the key store's write lock, so none overwrites a counter in use.
func fillEpoch(f *os.File) error {
	info, err := f.Stat()
	if err == nil && info.Size() < epochSize {
		_, werr := f.WriteAt(make([]byte, epochSize), 0)
		err = errors.Join(werr, f.Sync())
	}
	if err != nil {
		return fmt.Errorf("prepare the counter of erasures: %w", err)
	}
	return nil
}
