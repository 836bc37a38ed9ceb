-- +goose Up
-- Who leaves a mailbox is taken off its conversations: whom they follow is looked up.
CREATE INDEX conversations_followers ON conversations USING gin (followers) WHERE followers <> '{}';
