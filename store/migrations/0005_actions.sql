-- +goose Up
-- Followers of a conversation, and whose turn it is where a workflow hands
-- conversations out in turn.

ALTER TABLE conversations ADD COLUMN followers uuid[] NOT NULL DEFAULT '{}';

-- The row is locked from when it is read to the commit: conversations that come
-- at once are handed out one after another.
CREATE TABLE turns (
    definition_id uuid PRIMARY KEY REFERENCES definitions,
    user_id uuid -- who got the last one; null: nobody yet
);
