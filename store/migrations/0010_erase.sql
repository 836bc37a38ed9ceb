-- +goose Up
-- A conversation that was deleted for ever: its row stays as a tombstone, so that
-- runs, deliveries and audit keep their parent; its content does not.

ALTER TABLE conversations
    ADD COLUMN erased_at timestamptz,
    ADD COLUMN erased_by_run uuid,
    -- A mailbox may go although tombstones are left of what was in it.
    ALTER COLUMN mailbox_id DROP NOT NULL,
    ADD CONSTRAINT conversations_in_mailbox CHECK (mailbox_id IS NOT NULL OR erased_at IS NOT NULL);

-- Set where the conversation was erased: the payload goes with the last attempt.
ALTER TABLE deliveries ADD COLUMN erased_at timestamptz;
