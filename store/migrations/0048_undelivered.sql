-- +goose Up
-- Whose mail did not arrive is told once for each mail, and some times an hour.
ALTER TABLE deliveries ADD COLUMN told_at timestamptz, ADD COLUMN told_user uuid;
CREATE INDEX deliveries_told ON deliveries (told_user, told_at) WHERE told_user IS NOT NULL;
