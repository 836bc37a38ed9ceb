-- +goose Up
-- What reaches outside and comes back from it: webhook endpoints and what they
-- are told, ratings, and the marks by which a customer's mail program says that
-- it showed a reply.

CREATE TABLE endpoints (
    id uuid PRIMARY KEY,
    mailbox_id uuid REFERENCES mailboxes, -- null: of the whole installation
    name text NOT NULL,
    name_key text NOT NULL CONSTRAINT endpoints_name UNIQUE, -- folded
    url text NOT NULL,
    events text[] NOT NULL DEFAULT '{}',
    enabled boolean NOT NULL DEFAULT true,
    secret text NOT NULL,
    -- The secret before the last rotation signs too for a day.
    previous_secret text NOT NULL DEFAULT '',
    rotated_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- What is told of a customer belongs to no mailbox.
ALTER TABLE deliveries ALTER COLUMN mailbox_id DROP NOT NULL;

ALTER TABLE conversations
    ADD COLUMN rating text NOT NULL DEFAULT '' CONSTRAINT conversations_rating CHECK (rating IN ('', 'great', 'okay', 'not_good')),
    ADD COLUMN rating_comment text NOT NULL DEFAULT '',
    ADD COLUMN rated_at timestamptz,
    -- The newest message to the customer, and when it was first seen.
    ADD COLUMN last_reply_id uuid,
    ADD COLUMN last_reply_viewed_at timestamptz;

ALTER TABLE messages ADD COLUMN viewed_at timestamptz;

ALTER TABLE mailboxes
    ADD COLUMN track_views boolean NOT NULL DEFAULT false,
    ADD COLUMN workflow_user_email text NOT NULL DEFAULT '';

-- The key that signs view marks: 244 random bits that never leave the house.
INSERT INTO settings (key, value, updated_at)
VALUES ('view_key', to_jsonb(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')), now());
