-- +goose Up
-- Who wrote a mail and who takes part, what of its text is quoted, and what of it
-- could not be read.

ALTER TABLE messages DROP CONSTRAINT messages_kind,
    ADD CONSTRAINT messages_kind CHECK (kind IN ('customer', 'reply', 'email', 'forward', 'note', 'third_party')),
    ADD COLUMN quotes integer[] NOT NULL DEFAULT '{}', -- start and end of each part of body_text, in bytes
    ADD COLUMN sender_name text NOT NULL DEFAULT '',
    ADD COLUMN sender_address text NOT NULL DEFAULT '',
    ADD COLUMN reply_to text[] NOT NULL DEFAULT '{}',
    ADD COLUMN envelope_from text NOT NULL DEFAULT '',
    ADD COLUMN authentication text NOT NULL DEFAULT '',
    ADD COLUMN claimed boolean NOT NULL DEFAULT false,
    ADD COLUMN text_gap text NOT NULL DEFAULT '',
    ADD COLUMN headers_gap text NOT NULL DEFAULT '',
    ADD COLUMN files_gap text NOT NULL DEFAULT '';

ALTER TABLE attachments
    ADD COLUMN content_id text NOT NULL DEFAULT '',
    ADD COLUMN inline boolean NOT NULL DEFAULT false;

ALTER TABLE conversations
    ADD COLUMN participants text[] NOT NULL DEFAULT '{}', -- keys of addresses
    ADD COLUMN linked_id uuid;
