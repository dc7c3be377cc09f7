//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package seal

import (
	"encoding/binary"
	"fmt"
	"os"
)

// epoch is the counter of erasures that all processes on one folder share, read from its file where a shared
// mapping is not at hand. Two bumps at once may write the same value: both erasures were committed before.
type epoch struct{ f *os.File }

func openEpoch(path string) (*epoch, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the counter of erasures: %w", err)
	}
	e := &epoch{f}
	info, err := f.Stat()
	if err == nil && info.Size() < 8 {
		_, err = f.WriteAt(make([]byte, 8), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("prepare the counter of erasures: %w", err)
	}
	return e, nil
}

func (e *epoch) now() (uint64, error) {
	var b [8]byte
	_, err := e.f.ReadAt(b[:], 0)
	if err != nil {
		return 0, fmt.Errorf("read the counter of erasures: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

func (e *epoch) bump() error {
	n, err := e.now()
	if err != nil {
		return err
	}
	_, err = e.f.WriteAt(binary.LittleEndian.AppendUint64(nil, n+1), 0)
	if err != nil {
		return fmt.Errorf("move the counter of erasures: %w", err)
	}
	return nil
}

func (e *epoch) close() error { return e.f.Close() }
