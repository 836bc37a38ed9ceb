-- +goose Up
-- The order in which runs end, for who follows them as they come.

-- The transaction in which it ended, null before. Transactions do not commit in the
-- order of their ids: all with an id below that of the oldest one under way have ended,
-- and what they wrote has its place for good. Runs from before have none.
ALTER TABLE runs ADD COLUMN ended_xid xid8;
CREATE INDEX runs_ended ON runs (mailbox_id, ended_xid, id) WHERE ended_xid IS NOT NULL;
