-- +goose Up
-- Who may change workflows without being an admin, and what a token may be used for.

-- In every mailbox that the user is a member of; or in single ones.
ALTER TABLE users ADD COLUMN manage_workflows boolean NOT NULL DEFAULT false;
ALTER TABLE memberships ADD COLUMN manage_workflows boolean NOT NULL DEFAULT false;

-- Tokens that were made before may do what they could.
ALTER TABLE tokens
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,write,manage}'
        CONSTRAINT tokens_scopes CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'write', 'manage']),
    -- Written at most once a minute.
    ADD COLUMN last_used_at timestamptz;
