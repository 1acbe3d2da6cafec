-- Written by the release with 1 migration(s). Never change it.
CREATE TABLE "shopify_toolkit_sessions_schema" (version INTEGER NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL);
CREATE TABLE "shopify_toolkit_sessions" (
	id                    TEXT    NOT NULL PRIMARY KEY COLLATE BINARY,
	version               INTEGER NOT NULL,
	granted_at            INTEGER NOT NULL,
	fence_until           INTEGER NOT NULL,
	shop                  TEXT    NOT NULL COLLATE BINARY,
	state                 TEXT    NOT NULL,
	is_online             INTEGER NOT NULL,
	scope                 TEXT    NOT NULL,
	access_token          TEXT    NOT NULL,
	expires               INTEGER,
	refresh_token         TEXT    NOT NULL,
	refresh_token_expires INTEGER,
	user_id               INTEGER, -- NULL: the session has no OnlineAccessInfo
	first_name            TEXT    NOT NULL,
	last_name             TEXT    NOT NULL,
	email                 TEXT    NOT NULL,
	email_verified        INTEGER NOT NULL,
	account_owner         INTEGER NOT NULL,
	locale                TEXT    NOT NULL,
	collaborator          INTEGER NOT NULL,
	expires_in            INTEGER NOT NULL,
	associated_user_scope TEXT    NOT NULL,
	bookkeeping           BLOB,
	keep_until            INTEGER,
	touched_until         INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "shopify_toolkit_sessions_schema" (version, applied_at)
	VALUES (1, 1803902400000);
INSERT INTO "shopify_toolkit_sessions" (id, version, granted_at, fence_until, shop, state, is_online, scope, access_token, expires, refresh_token, refresh_token_expires, user_id, first_name, last_name, email, email_verified, account_owner, locale, collaborator, expires_in, associated_user_scope, bookkeeping, keep_until, touched_until)
	VALUES ('offline', 1, 1803902400000, 0, 'example.myshopify.com', '', 0, 'read_products,write_orders', 'shpat_secret', 1803906000000, 'shprt_secret', 1811678400000, NULL, '', '', '', 0, 0, '', 0, 0, '', X'7B227265636F7264223A7B226772616E7465644174223A313830333930323430303030302C2276657273696F6E223A317D7D', 1811764800000, 0);
INSERT INTO "shopify_toolkit_sessions" (id, version, granted_at, fence_until, shop, state, is_online, scope, access_token, expires, refresh_token, refresh_token_expires, user_id, first_name, last_name, email, email_verified, account_owner, locale, collaborator, expires_in, associated_user_scope, bookkeeping, keep_until, touched_until)
	VALUES ('online', 1, 1803902400000, 0, 'example.myshopify.com', 'state_secret', 1, 'read_products', 'shpua_secret', 1803906000000, 'shprt_secret', 1811678400000, 9007199254740993, 'Zoë_secret', 'O''Hara_secret', 'zoe_secret@example.com', 1, 1, 'pt-BR_secret', 1, 86399, 'read_products_secret', X'7B227265636F7264223A7B226772616E7465644174223A313830333930323430303030302C2276657273696F6E223A317D7D', 1811764800000, 0);
INSERT INTO "shopify_toolkit_sessions" (id, version, granted_at, fence_until, shop, state, is_online, scope, access_token, expires, refresh_token, refresh_token_expires, user_id, first_name, last_name, email, email_verified, account_owner, locale, collaborator, expires_in, associated_user_scope, bookkeeping, keep_until, touched_until)
	VALUES ('touched', 1, 1803902400000, 0, 'example.myshopify.com', '', 0, 'read_products,write_orders', 'shpat_secret', 1803906000000, 'shprt_secret', 1811678400000, NULL, '', '', '', 0, 0, '', 0, 0, '', X'7B227265636F7264223A7B226772616E7465644174223A313830333930323430303030302C2276657273696F6E223A317D7D', 1811764800000, 1867060800000);
INSERT INTO "shopify_toolkit_sessions" (id, version, granted_at, fence_until, shop, state, is_online, scope, access_token, expires, refresh_token, refresh_token_expires, user_id, first_name, last_name, email, email_verified, account_owner, locale, collaborator, expires_in, associated_user_scope, bookkeeping, keep_until, touched_until)
	VALUES ('deleted', 1, 1803902400000, 1803902700000, '', '', 0, '', '', NULL, '', NULL, NULL, '', '', '', 0, 0, '', 0, 0, '', NULL, NULL, 0);
