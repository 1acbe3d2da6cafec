-- One row is a session or, where fence_until is not 0, the memory of a deleted
-- one: id, version and granted_at of it, everything else blank.
-- Times are milliseconds since 1970. NULL: none; in keep_until: never.
CREATE TABLE "{{table}}" (
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
