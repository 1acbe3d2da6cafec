package shopifytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const webhookVersion = "2026-10"

// Webhook returns a signed delivery of this topic, to send to the app or to hand
// to its handler: POST to the app's WebhookURL with all headers of the Policy's
// family, the HMAC over the body made with the oldest active secret. Nothing is
// sent or logged. A body of []byte, string or json.RawMessage is sent as it is,
// nil is a plausible payload of the topic, everything else becomes JSON.
func (sh *Shop) Webhook(topic string, body any) *http.Request {
	s := sh.server
	data, err := sh.payload(topic, body)
	if err != nil {
		s.fatalf("shopifytest: webhook: %v", err)
	}
	s.mu.Lock()
	d := newDelivery(sh.domain, topic, data, s.nowLocked())
	build := s.deliveryRequestLocked(d)
	s.mu.Unlock()
	r, err := build()
	if err != nil {
		s.fatalf("shopifytest: webhook: %v", err)
	}
	return r
}

func newDelivery(domain, topic string, body []byte, now time.Time) *delivery {
	return &delivery{
		ID: newUUID(), EventID: newUUID(), Shop: domain, Topic: topic, TriggeredAt: now, Due: now, Body: body,
	}
}

// deliveryRequestLocked takes from the state what the request of a delivery needs.
func (s *Server) deliveryRequestLocked(d *delivery) func() (*http.Request, error) {
	address, headers := s.app.webhookAddress(), s.policy.Headers
	sum := bodySignature(s.oldestLocked().Value, d.Body)
	return func() (*http.Request, error) {
		r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(d.Body))
		if err != nil {
			return nil, fmt.Errorf("make request: %w", err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "Shopify-Captain-Hook")
		prefix := "X-Shopify-"
		if headers == EventHeaders {
			prefix = "Shopify-"
			resource, action, _ := strings.Cut(d.Topic, "/")
			r.Header.Set("Shopify-Handle", strings.ReplaceAll(d.Topic, "/", "-"))
			r.Header.Set("Shopify-Action", action)
			r.Header.Set("Shopify-Resource-Id", "gid://shopify/"+resource+"/1")
		} else {
			r.Header.Set("X-Shopify-Name", strings.ReplaceAll(d.Topic, "/", "-"))
		}
		r.Header.Set(prefix+"Hmac-Sha256", sum)
		r.Header.Set(prefix+"Topic", d.Topic)
		r.Header.Set(prefix+"Shop-Domain", d.Shop)
		r.Header.Set(prefix+"Api-Version", webhookVersion)
		r.Header.Set(prefix+"Webhook-Id", d.ID)
		r.Header.Set(prefix+"Event-Id", d.EventID)
		r.Header.Set(prefix+"Triggered-At", d.TriggeredAt.Format(time.RFC3339Nano))
		return r, nil
	}
}

func (sh *Shop) payload(topic string, body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return locked(sh, func(st *shopState) []byte { return st.payload(topic) }), nil
	case []byte:
		return b, nil
	case json.RawMessage:
		return b, nil
	case string:
		return []byte(b), nil
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	return data, nil
}

// payload is the body of a topic that the server itself can fill.
func (st *shopState) payload(topic string) []byte {
	customer := map[string]any{"id": st.ID + 100, "email": "customer@example.com", "phone": "+15550100"}
	body := map[string]any{}
	switch topic {
	case "app/uninstalled", "shop/update":
		name, _, _ := strings.Cut(st.Domain, ".")
		body = map[string]any{
			"id": st.ID, "name": name, "email": st.Owner.Email, "domain": st.Domain, "myshopify_domain": st.Domain,
			"shop_owner": st.Owner.Name(), "plan_name": "partner_test",
		}
	case "shop/redact":
		body = map[string]any{"shop_id": st.ID, "shop_domain": st.Domain}
	case "customers/redact":
		body = map[string]any{"shop_id": st.ID, "shop_domain": st.Domain, "customer": customer, "orders_to_redact": []int64{}}
	case "customers/data_request":
		body = map[string]any{
			"shop_id": st.ID, "shop_domain": st.Domain, "customer": customer, "orders_requested": []int64{},
			"data_request": map[string]any{"id": st.ID + 200},
		}
	}
	return mustJSON(body)
}
