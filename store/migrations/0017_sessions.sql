-- +goose Up
-- People log in with a browser, and tries to are counted for all copies of the API.

-- A PHC string of argon2id; null: no password, nobody can log in with one.
ALTER TABLE users ADD COLUMN password_hash text;

-- Only a hash of the cookie is kept. A session that ends is deleted.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash bytea NOT NULL CONSTRAINT sessions_hash UNIQUE,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL, -- written at most once a minute
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- A try to log in stands here from before it is looked at until it is proven right.
-- The account is a hash of what was typed: people type passwords into the wrong field.
CREATE TABLE login_failures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bytea NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX login_failures_account ON login_failures (account, at);
CREATE INDEX login_failures_address ON login_failures (address, at);
CREATE INDEX login_failures_at ON login_failures (at);

-- An Idempotency-Key belongs to a token or to a session.
ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    ALTER COLUMN token_id DROP NOT NULL,
    ADD COLUMN session_id uuid REFERENCES sessions ON DELETE CASCADE,
    ADD CONSTRAINT idempotency_keys_token UNIQUE (token_id, key),
    ADD CONSTRAINT idempotency_keys_session UNIQUE (session_id, key),
    ADD CONSTRAINT idempotency_keys_caller CHECK (num_nonnulls(token_id, session_id) = 1);
