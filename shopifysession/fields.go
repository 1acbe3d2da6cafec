package shopifysession

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/shopifysession/toolkit/internal/record"
)

// fields are the members of a JSON object on their way into a session. The
// first member of a wrong type sets err, which names the key and never quotes
// the value.
type fields struct {
	members map[string]json.RawMessage
	err     error
}

// readFields reads one JSON object. A repeated key is an error: two readers
// could disagree on which value counts.
func readFields(data []byte) (*fields, error) {
	f := &fields{members: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, invalidf("not a JSON object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, syntaxError(dec)
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, syntaxError(dec)
		}
		if _, ok := f.members[name]; ok {
			return nil, invalidf("repeated key at offset %d", dec.InputOffset())
		}
		f.members[name] = value
	}
	return f, readEnd(dec)
}

// readEnd reads the closing delimiter and makes sure that nothing follows.
func readEnd(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return syntaxError(dec)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalidf("data after the end at offset %d", dec.InputOffset())
	}
	return nil
}

func syntaxError(dec *json.Decoder) error {
	return invalidf("malformed JSON at offset %d", dec.InputOffset())
}

// take removes a member and returns it; null counts as absent.
func (f *fields) take(key string) (json.RawMessage, bool) {
	raw, ok := f.members[key]
	delete(f.members, key)
	return raw, ok && string(raw) != "null"
}

// rest returns the members that nobody took.
func (f *fields) rest() map[string]json.RawMessage {
	for key, raw := range f.members {
		var compact bytes.Buffer
		if json.Compact(&compact, raw) == nil {
			f.members[key] = compact.Bytes()
		}
	}
	return cloneOrNil(f.members)
}

func (f *fields) wrong(key string) {
	if f.err == nil {
		f.err = invalidf("key %s has the wrong type", key)
	}
}

func (f *fields) text(key string) string {
	var s string
	if raw, ok := f.take(key); ok && json.Unmarshal(raw, &s) != nil {
		f.wrong(key)
	}
	return s
}

func (f *fields) boolean(key string) bool {
	var b bool
	if raw, ok := f.take(key); ok && json.Unmarshal(raw, &b) != nil {
		f.wrong(key)
	}
	return b
}

func (f *fields) record(key string) record.Record {
	var r record.Record
	if raw, ok := f.take(key); ok && json.Unmarshal(raw, &r) != nil {
		f.wrong(key)
	}
	return r
}

// integer reads a JSON number or a decimal string.
func (f *fields) integer(key string) int64 {
	raw, ok := f.take(key)
	if !ok {
		return 0
	}
	n, ok := parseInteger(raw)
	if !ok {
		f.wrong(key)
	}
	return n
}

// time reads ISO 8601 as Date.toJSON writes it, or milliseconds since the epoch.
func (f *fields) time(key string) time.Time {
	raw, ok := f.take(key)
	if !ok {
		return time.Time{}
	}
	if ms, ok := parseInteger(raw); ok {
		return fromMillis(ms)
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return utcMillis(t)
		}
	}
	f.wrong(key)
	return time.Time{}
}

// fromMillis reads 0 as "no time", as the official library does.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// parseInteger reads an integer from a JSON number or string. JavaScript writes
// every number as a float, so 902541635.0 and 1e3 are integers, too.
func parseInteger(raw json.RawMessage) (int64, bool) {
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if json.Unmarshal(raw, &text) != nil {
			return 0, false
		}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	const exact = 1 << 53 // above, a float64 is not one integer
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > exact {
		return 0, false
	}
	return int64(v), true
}
