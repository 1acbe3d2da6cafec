package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// maxWebhookBody is far above Shopify's payloads.
const maxWebhookBody = 10 << 20

// Webhook is a verified delivery. The signature covers the body only: topic,
// shop and ids are headers that Shopify does not sign, so what a handler does
// for Shop must not be worth replaying another shop's body for.
// https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
type Webhook struct {
	Topic      string // as sent, such as orders/create
	Shop       string // canonical domain
	APIVersion string
	ID         string // of this delivery; equal in its retries
	EventID    string // of what happened; shared by all deliveries of it; may be empty
	Name       string // of the subscription; may be empty
	// TriggeredAt is when it happened; zero if Shopify does not say.
	TriggeredAt time.Time
	// Handle, Action and ResourceID are set for deliveries of Shopify's events
	// (developer preview), which use headers of their own.
	Handle, Action, ResourceID string
	// Body is the payload, JSON unless the subscription says otherwise.
	Body []byte
}

// Format prints topic, shop and ids for every verb; bodies hold customers' data.
func (h Webhook) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "Webhook{Topic:%q Shop:%q ID:%q EventID:%q}", h.Topic, h.Shop, h.ID, h.EventID)
}

// LogValue is what slog writes: topic, shop and ids.
func (h Webhook) LogValue() slog.Value {
	return slog.GroupValue(slog.String("topic", h.Topic), slog.String("shop", h.Shop), slog.String("id", h.ID), slog.String("eventID", h.EventID))
}

// webhookHeaders are the names that a family of deliveries uses.
type webhookHeaders struct {
	hmac, topic, shop, apiVersion, id, eventID, name, triggeredAt string
	handle, action, resourceID                                    string
	needEventID                                                   bool
}

func headerFamilies() [2]webhookHeaders {
	return [2]webhookHeaders{
		{
			hmac: "X-Shopify-Hmac-Sha256", topic: "X-Shopify-Topic", shop: "X-Shopify-Shop-Domain",
			apiVersion: "X-Shopify-Api-Version", id: "X-Shopify-Webhook-Id", eventID: "X-Shopify-Event-Id",
			name: "X-Shopify-Name", triggeredAt: "X-Shopify-Triggered-At",
		},
		{
			hmac: "Shopify-Hmac-Sha256", topic: "Shopify-Topic", shop: "Shopify-Shop-Domain",
			apiVersion: "Shopify-Api-Version", id: "Shopify-Webhook-Id", eventID: "Shopify-Event-Id",
			triggeredAt: "Shopify-Triggered-At", handle: "Shopify-Handle", action: "Shopify-Action",
			resourceID: "Shopify-Resource-Id", needEventID: true,
		},
	}
}

// VerifyWebhook verifies a delivery: POST, at most 10 MiB of JSON or XML, signed
// over its bytes with one of the app's secrets, all required headers there once. The request's
// body can be read again afterwards. [StatusCode] gives the answer that Shopify
// expects: 405, 413, 401 for a wrong signature, 400 for missing headers.
func (a *Auth) VerifyWebhook(r *http.Request) (*Webhook, error) {
	if r.Method != http.MethodPost {
		return nil, errMethod
	}
	family, err := webhookFamily(r.Header)
	if err != nil {
		return nil, err
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	given, err := base64.StdEncoding.Strict().DecodeString(r.Header.Get(family.hmac))
	if err != nil || !signedByAny(a.app.Secrets(), given, func(secret string) []byte { return sumRaw(secret, body) }) {
		return nil, ErrInvalidHMAC
	}
	// Shopify signs OAuth queries with the same key, and merchants see those in
	// the address bar: code=…&shop=… must not pass for a delivery.
	if !json.Valid(body) && !bytes.HasPrefix(body, []byte("<")) {
		return nil, fmt.Errorf("%w: body is neither JSON nor XML", ErrInvalidRequest)
	}
	return a.parseWebhook(r.Header, family, body)
}

// webhookFamily returns the headers that the delivery uses: those whose
// signature is there. One that has both is ambiguous.
func webhookFamily(h http.Header) (webhookHeaders, error) {
	var found []webhookHeaders
	for _, family := range headerFamilies() {
		if len(h.Values(family.hmac)) > 0 {
			found = append(found, family)
		}
	}
	if len(found) != 1 {
		return webhookHeaders{}, fmt.Errorf("%w: no signature, or two", ErrInvalidRequest)
	}
	return found[0], nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, fmt.Errorf("%w: no body", ErrInvalidRequest)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxWebhookBody))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return nil, errTooBig
	case err != nil:
		return nil, fmt.Errorf("%w: read body", ErrInvalidRequest)
	case len(body) == 0:
		return nil, fmt.Errorf("%w: no body", ErrInvalidRequest)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

func (a *Auth) parseWebhook(h http.Header, family webhookHeaders, body []byte) (*Webhook, error) {
	var err error
	get := func(name string, required bool) string {
		if name == "" {
			return ""
		}
		values := h.Values(name)
		if len(values) > 1 || required && (len(values) == 0 || values[0] == "") {
			err = fmt.Errorf("%w: header %s is missing or repeated", ErrInvalidRequest, name)
			return ""
		}
		return h.Get(name)
	}
	get(family.hmac, true)
	webhook := &Webhook{
		Topic: get(family.topic, true), Shop: get(family.shop, true), APIVersion: get(family.apiVersion, true),
		ID: get(family.id, true), EventID: get(family.eventID, family.needEventID), Name: get(family.name, false),
		Handle: get(family.handle, false), Action: get(family.action, false), ResourceID: get(family.resourceID, false),
		Body: body,
	}
	triggered := get(family.triggeredAt, false)
	if err != nil {
		return nil, err
	}
	if webhook.Shop, err = a.app.ParseShop(webhook.Shop); err != nil {
		return nil, err
	}
	if triggered != "" {
		t, err := time.Parse(time.RFC3339Nano, triggered)
		if err != nil {
			return nil, fmt.Errorf("%w: malformed time of the event", ErrInvalidRequest)
		}
		webhook.TriggeredAt = t.UTC()
	}
	return webhook, nil
}
