package shopifytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
)

var errBody = errors.New("the request body is malformed")

// tokenParams reads the body of a token request: JSON, or a form. Both work at
// Shopify: its pages show forms, its libraries send JSON. Numbers count as their
// text, so expiring may be 1 or "1". The last of repeated form fields wins.
func tokenParams(contentType string, body []byte) (map[string]string, error) {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/json":
		return jsonParams(body)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errBody
		}
		params := map[string]string{}
		for name, values := range form {
			params[name] = values[len(values)-1]
		}
		return params, nil
	}
	return map[string]string{}, nil // as if nothing had been sent
}

func jsonParams(body []byte) (map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil || object == nil {
		return nil, errBody
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errBody
	}
	params := map[string]string{}
	for name, value := range object {
		switch v := value.(type) {
		case string:
			params[name] = v
		case json.Number:
			params[name] = v.String()
		case nil:
		default:
			return nil, errBody
		}
	}
	return params, nil
}
