-- +goose Up
-- How far a conversation has used up its rings: each time that all is handled takes 200 ms
-- of a second.
ALTER TABLE conversations RENAME COLUMN handled_at TO busy_until;
