package main_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoMaySeeTheSessions(t *testing.T) {
	t.Parallel()
	const password = "correct horse"
	tests := map[string]struct {
		password      string // of the app
		host, address string
		header        [2]string
		given         string // by the browser
		status        int
	}{
		"this computer":                {status: 200},
		"by name":                      {host: "localhost:8080", status: 200},
		"by IPv6":                      {host: "[::1]:8080", address: "[::1]:50000", status: 200},
		"another computer":             {address: "192.0.2.1:50000", status: 403},
		"another computer that lies":   {address: "192.0.2.1:50000", host: "127.0.0.1:8080", status: 403},
		"DNS rebinding":                {host: "evil.example:8080", status: 403},
		"DNS rebinding, look-alike":    {host: "127.0.0.1.evil.example", status: 403},
		"tunnel":                       {header: [2]string{"X-Forwarded-For", "192.0.2.1"}, status: 403},
		"tunnel that renames":          {header: [2]string{"Forwarded", "for=192.0.2.1"}, status: 403},
		"no address":                   {address: "somewhere", status: 403},
		"no password given":            {password: password, status: 401},
		"wrong password":               {password: password, given: "correct hors", status: 401},
		"right password":               {password: password, given: password, status: 200},
		"right password from anywhere": {password: password, given: password, address: "192.0.2.1:50000", host: "app.example.com", status: 200},
		"password that nobody set":     {given: password, address: "192.0.2.1:50000", status: 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{password: tt.password})
			w.keep("one.myshopify.com")
			r, err := http.NewRequest(http.MethodGet, appURL+sessionsPath, nil)
			require.NoError(t, err)
			r.RemoteAddr, r.Host = tt.address, tt.host
			if tt.header[0] != "" {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			if tt.given != "" {
				r.SetBasicAuth("operator", tt.given)
			}
			resp := w.send(r)
			require.Equal(t, tt.status, resp.StatusCode)
			require.Equal(t, tt.status == 401, resp.Header.Get("WWW-Authenticate") != "")
			page := body(t, resp)
			require.Equal(t, tt.status == 200, contains(page, "one.myshopify.com"))
			require.Equal(t, tt.status != 200, contains(page, "ADMIN_PASSWORD"), "who is refused is told what to do")
		})
	}
}
