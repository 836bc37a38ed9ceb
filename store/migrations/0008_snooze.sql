-- +goose Up
-- Until when a conversation is snoozed; what a mailbox answers by itself, and what became of it in a conversation.

ALTER TABLE mailboxes
    ADD COLUMN auto_reply_enabled boolean NOT NULL DEFAULT false,
    ADD COLUMN auto_reply_subject text NOT NULL DEFAULT '',
    ADD COLUMN auto_reply_body text NOT NULL DEFAULT '';

ALTER TABLE conversations
    ADD COLUMN snoozed_until timestamptz, -- null: it is not
    ADD COLUMN auto_reply text NOT NULL DEFAULT '' CONSTRAINT conversations_auto_reply CHECK (auto_reply IN ('', 'sent', 'disabled'));
