package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/shopifysession/toolkit/shopifysession"
)

// The topics that the mux takes care of by itself.
const (
	TopicAppUninstalled       = "app/uninstalled"
	TopicAppScopesUpdate      = "app/scopes_update"
	TopicCustomersDataRequest = "customers/data_request"
	TopicCustomersRedact      = "customers/redact"
	TopicShopRedact           = "shop/redact"
)

// WebhookMux receives Shopify's webhooks: it verifies each and calls the handler
// of its topic. No topic needs a token. By itself it removes a shop's sessions
// on app/uninstalled and shop/redact, keeps the stored scopes true on
// app/scopes_update, and acknowledges customers/data_request and
// customers/redact, of which this toolkit keeps nothing; handlers for these
// topics run first.
//
// It answers 200 once everything is done, 500 if a handler fails (Shopify
// retries, so handlers must bear repetition), 503 if the storage is down, 404
// for topics without a handler, and what [Auth.VerifyWebhook] says for the rest.
type WebhookMux struct {
	auth     *Auth
	handlers map[string]func(context.Context, *Webhook) error
	builtin  map[string]builtinHandler
}

type builtinHandler func(context.Context, *Webhook, *payload) error

// Webhooks returns a new mux. Mount it where the app's webhook subscriptions
// point; nothing may read the body before it.
func (a *Auth) Webhooks() *WebhookMux {
	nothing := func(context.Context, *Webhook, *payload) error { return nil }
	return &WebhookMux{
		auth:     a,
		handlers: map[string]func(context.Context, *Webhook) error{},
		builtin: map[string]builtinHandler{
			TopicAppUninstalled:       a.onUninstalled,
			TopicAppScopesUpdate:      a.onScopesUpdate,
			TopicCustomersDataRequest: nothing,
			TopicCustomersRedact:      nothing,
			TopicShopRedact:           a.onUninstalled,
		},
	}
}

// Handle calls h for deliveries of topic, such as orders/create; upper and lower
// case are the same. Register handlers before serving. It panics on a nil
// handler and on a topic that has one.
func (m *WebhookMux) Handle(topic string, h func(context.Context, *Webhook) error) {
	topic = strings.ToLower(topic)
	if h == nil {
		panic("auth: Handle: nil handler for " + topic)
	}
	if _, ok := m.handlers[topic]; ok {
		panic("auth: Handle: second handler for " + topic)
	}
	m.handlers[topic] = h
}

// ServeHTTP receives one delivery.
func (m *WebhookMux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	webhook, err := m.auth.VerifyWebhook(r)
	if err != nil {
		if errors.Is(err, errMethod) {
			w.Header().Set("Allow", http.MethodPost)
		}
		m.auth.fail(w, r, err)
		return
	}
	topic := strings.ToLower(webhook.Topic)
	handler, builtin := m.handlers[topic], m.builtin[topic]
	if handler == nil && builtin == nil {
		m.auth.fail(w, r, errNoHandler)
		return
	}
	if err := m.handle(r.Context(), webhook, handler, builtin); err != nil {
		m.auth.fail(w, r, fmt.Errorf("auth: webhook %s: %w", topic, err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// handle runs the app's handler and then the built-in one, each nil if there is
// none. A payload of another shop reaches neither.
func (m *WebhookMux) handle(ctx context.Context, webhook *Webhook, handler func(context.Context, *Webhook) error, builtin builtinHandler) error {
	var p *payload
	if builtin != nil {
		var err error
		if p, err = m.auth.parsePayload(webhook); err != nil {
			return err
		}
	}
	if handler != nil {
		if err := handler(ctx, webhook); err != nil {
			return fmt.Errorf("%w: %w", errHandler, err)
		}
	}
	if builtin != nil {
		return builtin(ctx, webhook, p)
	}
	return nil
}

// payload is what the built-in handlers read of their topics.
type payload struct {
	MyshopifyDomain string   `json:"myshopify_domain"` // app/uninstalled
	ShopDomain      string   `json:"shop_domain"`      // shop/redact
	Current         []string `json:"current"`          // app/scopes_update
}

// parsePayload reads the signed body and refuses one that names another shop
// than the headers, which are not signed: else the uninstallation of one shop
// could be replayed for another.
func (a *Auth) parsePayload(webhook *Webhook) (*payload, error) {
	var p payload
	if err := json.Unmarshal(webhook.Body, &p); err != nil {
		return nil, fmt.Errorf("%w: malformed payload", ErrInvalidRequest)
	}
	for _, domain := range []string{p.MyshopifyDomain, p.ShopDomain} {
		if domain == "" {
			continue
		}
		if shop, err := a.app.ParseShop(domain); err != nil || shop != webhook.Shop {
			return nil, fmt.Errorf("%w: payload of another shop", ErrInvalidHMAC)
		}
	}
	return &p, nil
}

func (a *Auth) onUninstalled(ctx context.Context, webhook *Webhook, _ *payload) error {
	at := webhook.TriggeredAt
	if at.IsZero() {
		at = a.app.Now()
	}
	return a.Uninstall(ctx, webhook.Shop, at)
}

// onScopesUpdate keeps the scope of the offline session true. A stale write is
// tried again from what is stored.
func (a *Auth) onScopesUpdate(ctx context.Context, webhook *Webhook, p *payload) error {
	if p.Current == nil {
		return fmt.Errorf("%w: payload without current scopes", ErrInvalidRequest)
	}
	for range maxConflicts {
		s, err := a.load(ctx, shopifysession.OfflineID(webhook.Shop))
		if errors.Is(err, shopifysession.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if !webhook.TriggeredAt.IsZero() && webhook.TriggeredAt.Before(s.GrantedAt()) {
			return nil // the grant is newer and knows better
		}
		s.Scope = shopifysession.Scopes(p.Current).String()
		if err := a.app.SessionStorage().Store(ctx, s); !errors.Is(err, shopifysession.ErrConflict) {
			return err
		}
	}
	return shopifysession.ErrConflict
}
