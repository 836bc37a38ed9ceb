-- +goose Up
-- What a mailbox makes of the mail that comes in.

ALTER TABLE mailboxes
    ADD COLUMN personal_senders text[] NOT NULL DEFAULT '{}', -- keys of addresses, and domains
    ADD COLUMN import_mode boolean NOT NULL DEFAULT false,
    ADD COLUMN mail_answers text NOT NULL DEFAULT 'note' CONSTRAINT mailboxes_mail_answers CHECK (mail_answers IN ('note', 'reply'));

-- Brought over from elsewhere: nobody waits for it, and no workflow looks at it.
ALTER TABLE messages ADD COLUMN imported boolean NOT NULL DEFAULT false;
