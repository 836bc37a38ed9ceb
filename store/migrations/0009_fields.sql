-- +goose Up
-- What an installation adds to conversations: custom fields, and folders, which
-- are named views of a mailbox.

CREATE TABLE fields (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    name text NOT NULL,
    name_key text NOT NULL, -- folded
    label text NOT NULL DEFAULT '',
    type text NOT NULL CONSTRAINT fields_type CHECK (type IN ('dropdown', 'text', 'long_text', 'number', 'date', 'checkbox')),
    options text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    CONSTRAINT fields_name UNIQUE (mailbox_id, name_key)
);

-- The values by the names of their fields: a conversation that comes back into a
-- mailbox has its values again.
ALTER TABLE conversations ADD COLUMN fields jsonb NOT NULL DEFAULT '{}';

CREATE TABLE folders (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    name text NOT NULL,
    name_key text NOT NULL, -- folded
    status text[] NOT NULL DEFAULT '{}', -- any of them; empty: any status
    tags text[] NOT NULL DEFAULT '{}', -- any of them; empty: whatever the tags
    assignee text NOT NULL DEFAULT '', -- a user's id, unassigned, or empty: whoever it is
    created_at timestamptz NOT NULL,
    CONSTRAINT folders_name UNIQUE (mailbox_id, name_key)
);
