package shopifytest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	snapshotFormat  = "shopifytest snapshot"
	snapshotVersion = 1
)

// snapshot is the state and a checksum over it.
type snapshot struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"`
	State   json.RawMessage `json:"state"`
}

// Snapshot returns everything a restart must not forget: the client id and the
// secrets, shops, installations, codes, tokens and refresh chains, products, the
// webhook log with what is still due, and how far Advance has moved the clock. The
// App's URLs, the Policy, faults and the recorder are not part of it. It contains
// live secrets: keep it like one.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, err := json.Marshal(s.st)
	if err != nil {
		return nil, fmt.Errorf("shopifytest: snapshot: %w", err)
	}
	sum := sha256.Sum256(state)
	return json.Marshal(snapshot{snapshotFormat, snapshotVersion, hex.EncodeToString(sum[:]), state})
}

// Restore puts the server back to a Snapshot: tokens that an app stored before
// work as they did, and the App's client id and secret become those of the
// snapshot. A snapshot that is damaged or of another version is an error, and
// changes nothing.
func (s *Server) Restore(data []byte) error {
	st, err := readSnapshot(data)
	if err != nil {
		return fmt.Errorf("shopifytest: restore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st = st
	s.app.APIKey, s.app.APISecret = st.APIKey, s.newestLocked().Value
	s.wakeLocked()
	return nil
}

func readSnapshot(data []byte) (*state, error) {
	var snap snapshot
	if err := decodeStrictly(data, &snap); err != nil {
		return nil, errors.New("it is not a snapshot, or not a whole one")
	}
	sum := sha256.Sum256(snap.State)
	switch {
	case snap.Format != snapshotFormat:
		return nil, errors.New("it is not a snapshot")
	case snap.Version != snapshotVersion:
		return nil, fmt.Errorf("version %d is not %d", snap.Version, snapshotVersion)
	case snap.SHA256 != hex.EncodeToString(sum[:]):
		return nil, errors.New("the checksum does not match")
	}
	st := &state{}
	if err := decodeStrictly(snap.State, st); err != nil {
		return nil, errors.New("its state is malformed")
	}
	if err := st.check(); err != nil {
		return nil, err
	}
	return st, nil
}

// decodeStrictly refuses unknown fields and anything after the value.
func decodeStrictly(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("trailing data")
	}
	return nil
}

// check makes sure that no other code meets a nil it does not expect.
func (st *state) check() error {
	if !slices.ContainsFunc(st.Secrets, func(sec secret) bool { return !sec.Revoked && sec.Value != "" }) {
		return errors.New("it has no active secret")
	}
	if st.Shops == nil || slices.Contains(st.Webhooks, nil) {
		return errors.New("its state is incomplete")
	}
	for domain, sh := range st.Shops {
		name, err := parseDomain(domain)
		if err != nil || name != domain || !sh.complete(domain) {
			return errors.New("it has a shop that is incomplete")
		}
	}
	return nil
}

func (st *shopState) complete(domain string) bool {
	if st == nil || st.Domain != domain || st.Staff == nil || st.Tokens == nil || st.Codes == nil {
		return false
	}
	for _, t := range st.Tokens {
		if t == nil {
			return false
		}
	}
	for _, c := range st.Codes {
		if c == nil {
			return false
		}
	}
	return st.Chain == nil || st.Chain.Current != nil
}
