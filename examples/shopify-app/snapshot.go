package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/shopifysession/toolkit/shopifytest"
)

// snapshot keeps a local Shopify in a file, so that the tokens in the app's
// database still work after a restart. The file holds live tokens, like the
// database beside it.
type snapshot struct {
	path   string
	server *shopifytest.Server
	log    *slog.Logger

	mu   sync.Mutex
	last []byte // what the file holds
}

// restore puts the server back to the file; a file that does not exist is a new
// beginning.
func (s *snapshot) restore() error {
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the local Shopify's state in %s can't be read: %w", s.path, cause(err))
	}
	if err := s.server.Restore(data); err != nil {
		return fmt.Errorf("the local Shopify's state in %s is damaged (%w).\n"+
			"Move the file away to start with an empty Shopify; the sessions in the database then need a new visit of each shop", s.path, err)
	}
	s.last = data
	return nil
}

// save writes the file if something has changed.
func (s *snapshot) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := s.server.Snapshot()
	if err != nil {
		return err
	}
	if bytes.Equal(data, s.last) {
		return nil
	}
	if err := replaceFile(s.path, data); err != nil {
		return fmt.Errorf("the local Shopify's state can't be kept in %s: %w.\n%s", s.path, cause(err), writableHint)
	}
	s.last = data
	return nil
}

// handler saves after every request and before its answer is complete: an app
// never holds a token that a crash would make its Shopify forget. Answers of the
// size of a token leave the server only when this handler has returned.
func (s *snapshot) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if err := s.save(); err != nil {
				s.log.ErrorContext(r.Context(), "snapshot failed", "error", err.Error())
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// replaceFile gives the file new content, all of it or, whenever the power goes,
// none. Only the owner may read it.
func replaceFile(path string, data []byte) (err error) {
	temporary := path + ".tmp"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary)
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last. Not every system can do that to a directory.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		_ = dir.Close()
		return err
	}
	return dir.Close()
}
