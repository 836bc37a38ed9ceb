-- +goose Up

-- The secret before the last rotation signs too for a day, as that of an endpoint.
ALTER TABLE mailboxes
    ADD COLUMN previous_secret text NOT NULL DEFAULT '',
    ADD COLUMN rotated_at timestamptz;
