-- +goose Up
-- Whom a reply goes to is kept with it, hidden copies too: those are shown to us alone.
ALTER TABLE messages ADD COLUMN bcc_addresses text[] NOT NULL DEFAULT '{}';
