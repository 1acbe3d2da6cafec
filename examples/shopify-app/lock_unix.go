//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile keeps other copies of this program away from the database while the
// file is open; the system lets go of it when the program ends, however it ends.
func lockFile(db string) (*os.File, error) {
	f, err := os.OpenFile(db+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock of the database %s can't be opened: %w.\n%s", db, cause(err), writableHint)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another copy of this program uses the database %s.\nStop it, or choose another file with -db", db)
		}
		return nil, fmt.Errorf("the database %s can't be locked: %w", db, err)
	}
	return f, nil
}
