-- +goose Up
-- When somebody is there: what business hours and days count by, and what the
-- rows on business hours look at.
--
-- {"days": [[[540, 1020]], …], "holidays": ["2026-12-25"]}: for each weekday,
-- Sunday first, intervals in minutes since midnight.
ALTER TABLE mailboxes ADD COLUMN hours jsonb NOT NULL DEFAULT '{}';
