-- +goose Up
-- The name that the relay gave a mail: where it replaced our Message-ID, answers name
-- that.

ALTER TABLE deliveries ADD COLUMN relay_id text NOT NULL DEFAULT '';
CREATE INDEX deliveries_relay ON deliveries (relay_id) WHERE relay_id <> '';
