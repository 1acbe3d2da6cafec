package shopifytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
)

// reply is an answer held back until it is known whether it leaves.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (p *reply) Header() http.Header { return p.header }
func (p *reply) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}
func (p *reply) Write(b []byte) (int, error) { return p.body.Write(b) }
func (p *reply) code() int                   { return cmp.Or(p.status, http.StatusOK) }

func (p *reply) omit(field string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(p.body.Bytes(), &object) != nil {
		return
	}
	delete(object, field)
	data, err := json.Marshal(object)
	if err != nil {
		return
	}
	p.body.Reset()
	p.body.Write(data)
}

func (p *reply) send(w http.ResponseWriter) {
	p.sendHeader(w)
	_, _ = w.Write(p.body.Bytes())
}

// sendHalf promises the whole body, sends half of it and cuts.
func (p *reply) sendHalf(w http.ResponseWriter) {
	p.sendHeader(w)
	_, _ = w.Write(p.body.Bytes()[:p.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (p *reply) sendHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Length", strconv.Itoa(p.body.Len()))
	w.WriteHeader(p.code())
}
