-- +goose Up
-- Where a conversation came in, finer than its type, and whether it was brought
-- over from another system.

ALTER TABLE conversations
    ADD COLUMN channel text NOT NULL DEFAULT 'email'
        CONSTRAINT conversations_channel CHECK (channel IN ('email', 'phone', 'chat', 'api', 'form', 'portal', 'sms', 'social')),
    ADD COLUMN imported boolean NOT NULL DEFAULT false;
UPDATE conversations SET channel = type;
