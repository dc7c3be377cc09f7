package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// errNoFile means that what is named is a folder, a pipe or a device.
var errNoFile = errors.New("this is no file")

// readUpTo reads the first bytes of a file. Nobody is waited for: of a pipe it is errNoFile.
func readUpTo(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most))
	return b, errors.Join(err, f.Close())
}

// openFile opens a file that is read from its start more than once: a pipe or a device would hold back what was read of it, or
// whoever waits for it.
func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cannot(err))
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s: it is a folder: name a file", name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: it is a pipe or a device: write what comes out of it into a file, and name that", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, cannot(err))
	}
	return f, nil
}

// cannot says why a file can't be read, in words of no operating system.
func cannot(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("you may not read it")
	}
	return err
}

// problems counts them, as a command says it.
func problems(n int) string {
	if n == 1 {
		return "1 problem"
	}
	return fmt.Sprintf("%d problems", n)
}
