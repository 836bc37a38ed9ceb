-- +goose Up
-- The spine: people, conversations and everything that happens to them,
-- definitions and their runs, deliveries and their attempts.

CREATE TABLE mailboxes (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL CONSTRAINT mailboxes_email_key UNIQUE, -- lower case
    time_zone text NOT NULL DEFAULT 'UTC',
    from_name text NOT NULL DEFAULT '',
    workflow_user_name text NOT NULL DEFAULT '' CONSTRAINT mailboxes_workflow_user_name_length CHECK (char_length(workflow_user_name) <= 20),
    secret text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL CONSTRAINT users_email_key UNIQUE,
    role text NOT NULL CONSTRAINT users_role CHECK (role IN ('admin', 'agent')),
    available boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);

CREATE TABLE memberships (
    mailbox_id uuid NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (mailbox_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

-- Only a hash is kept: who reads this table learns no token.
CREATE TABLE tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    prefix text NOT NULL,
    hash bytea NOT NULL CONSTRAINT tokens_hash UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    first_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    company text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    emails text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);
-- One address, one customer.
CREATE TABLE customer_emails (
    email_key text PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE
);

-- The tag names that are in use; conversations carry the names themselves.
CREATE TABLE tags (
    name text PRIMARY KEY CONSTRAINT tags_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL
);

CREATE SEQUENCE conversation_numbers;
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    number bigint NOT NULL DEFAULT nextval('conversation_numbers') CONSTRAINT conversations_number UNIQUE,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    customer_id uuid NOT NULL REFERENCES customers,
    type text NOT NULL CONSTRAINT conversations_type CHECK (type IN ('email', 'phone', 'chat', 'api')),
    status text NOT NULL CONSTRAINT conversations_status CHECK (status IN ('active', 'pending', 'closed', 'spam')),
    state text NOT NULL CONSTRAINT conversations_state CHECK (state IN ('draft', 'published', 'deleted')),
    assignee_id uuid CONSTRAINT conversations_assignee REFERENCES users,
    subject text NOT NULL DEFAULT '',
    tags text[] NOT NULL DEFAULT '{}',
    started_by text NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    handled_seq bigint NOT NULL DEFAULT 0,
    handled_at timestamptz, -- when nothing was left to handle
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    status_changed_at timestamptz NOT NULL,
    closed_at timestamptz,
    waiting_since timestamptz,
    last_customer_reply_at timestamptz,
    last_agent_reply_at timestamptz,
    last_customer_machine text NOT NULL DEFAULT '',
    messages integer NOT NULL DEFAULT 0,
    customer_replies integer NOT NULL DEFAULT 0,
    attention text NOT NULL DEFAULT '',
    -- The due list: [{definition, version, row, episode, at}], earliest first.
    dues jsonb NOT NULL DEFAULT '[]',
    next_due timestamptz,
    CONSTRAINT conversations_handled CHECK (handled_seq <= last_seq)
);
CREATE INDEX conversations_mailbox ON conversations (mailbox_id, id);
CREATE INDEX conversations_customer ON conversations (customer_id);
CREATE INDEX conversations_next_due ON conversations (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX conversations_tags ON conversations USING gin (tags);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    kind text NOT NULL CONSTRAINT messages_kind CHECK (kind IN ('customer', 'reply', 'email', 'forward', 'note')),
    author_kind text NOT NULL,
    author_id text NOT NULL DEFAULT '',
    from_address text NOT NULL DEFAULT '',
    to_addresses text[] NOT NULL DEFAULT '{}',
    cc_addresses text[] NOT NULL DEFAULT '{}',
    subject text NOT NULL DEFAULT '',
    body_text text NOT NULL DEFAULT '',
    body_html text NOT NULL DEFAULT '',
    message_id_header text NOT NULL DEFAULT '',
    in_reply_to text[] NOT NULL DEFAULT '{}',
    reference_ids text[] NOT NULL DEFAULT '{}',
    headers jsonb NOT NULL DEFAULT '[]',
    machine text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL
);
CREATE INDEX messages_conversation ON messages (conversation_id, created_at, id);
-- Threading looks up the ids that a mail answers to, within one mailbox.
CREATE INDEX messages_header ON messages (message_id_header, mailbox_id) WHERE message_id_header <> '';

-- A mail as it came. The unique key collapses a sender's retry of a mail that
-- was stored although the sender never saw the 250.
CREATE TABLE raw_mails (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    message_id_header text NOT NULL,
    sha256 bytea NOT NULL,
    envelope_from text NOT NULL,
    recipients text[] NOT NULL,
    raw bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT raw_mails_once UNIQUE (mailbox_id, message_id_header, sha256)
);
ALTER TABLE raw_mails ALTER COLUMN raw SET STORAGE EXTERNAL;

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    message_id uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
    name text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    content bytea NOT NULL
);
CREATE INDEX attachments_message ON attachments (message_id);

-- Everything that happens to a conversation. Rows are never updated.
CREATE TABLE events (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    seq bigint NOT NULL,
    kind text NOT NULL,
    mailbox_id uuid NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL DEFAULT '',
    origin bigint NOT NULL DEFAULT 0,
    depth integer NOT NULL DEFAULT 0,
    path text[] NOT NULL DEFAULT '{}',
    cause_run text NOT NULL DEFAULT '',
    message_id uuid,
    data jsonb NOT NULL DEFAULT '{}', -- first, from, to, added, removed, run, definition, due, delivery
    at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);

-- One row per conversation that has something to handle (and one per delivery of
-- no conversation). The starter rings until the row is gone.
CREATE TABLE outbox (
    id uuid PRIMARY KEY, -- the conversation's or the delivery's id
    conversation_id uuid REFERENCES conversations ON DELETE CASCADE,
    delivery_id uuid,
    seq bigint NOT NULL DEFAULT 0,
    manual boolean NOT NULL DEFAULT false,
    rings integer NOT NULL DEFAULT 0,
    rung_at timestamptz,
    ring_at timestamptz NOT NULL,
    CONSTRAINT outbox_target CHECK ((conversation_id IS NULL) <> (delivery_id IS NULL))
);
CREATE INDEX outbox_ring_at ON outbox (ring_at);

-- What users call a workflow: the draft and its place.
CREATE TABLE definitions (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL REFERENCES mailboxes,
    name text NOT NULL,
    name_key text NOT NULL,
    position integer NOT NULL,
    mode text NOT NULL CONSTRAINT definitions_mode CHECK (mode IN ('off', 'watch', 'on')),
    draft jsonb NOT NULL,
    version_id uuid,          -- the published version, null before the first
    switched_on_at timestamptz,    -- the first time
    switched_watch_at timestamptz, -- the first time
    off_reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX definitions_name ON definitions (mailbox_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX definitions_order ON definitions (mailbox_id, position) WHERE deleted_at IS NULL;

-- Rows are never updated.
CREATE TABLE versions (
    id uuid PRIMARY KEY,
    definition_id uuid NOT NULL REFERENCES definitions,
    number integer NOT NULL,
    body jsonb NOT NULL,
    author_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    CONSTRAINT versions_number UNIQUE (definition_id, number)
);
ALTER TABLE definitions ADD CONSTRAINT definitions_version FOREIGN KEY (version_id) REFERENCES versions;

CREATE TABLE runs (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    mailbox_id uuid NOT NULL,
    definition_id uuid NOT NULL REFERENCES definitions,
    version_id uuid NOT NULL REFERENCES versions,
    version_number integer NOT NULL,
    name text NOT NULL,
    mode text NOT NULL,
    trigger text NOT NULL CONSTRAINT runs_trigger CHECK (trigger IN ('event', 'time', 'manual', 'consider')),
    state text NOT NULL CONSTRAINT runs_state CHECK (state IN ('asked', 'done', 'failed', 'refused', 'skipped')),
    reason text NOT NULL DEFAULT '',
    actor_kind text NOT NULL DEFAULT '',
    actor_id text NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    origin bigint NOT NULL,
    depth integer NOT NULL DEFAULT 0,
    path text[] NOT NULL DEFAULT '{}',
    episodes text[] NOT NULL DEFAULT '{}',
    due_at timestamptz,
    verdict jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX runs_conversation ON runs (conversation_id, definition_id);
CREATE INDEX runs_definition ON runs (definition_id, created_at);
-- The promise, held by the database too: one run per workflow and origin event.
CREATE UNIQUE INDEX runs_once_per_origin ON runs (conversation_id, definition_id, mode, origin)
    WHERE trigger IN ('event', 'time', 'consider') AND state IN ('done', 'failed');

CREATE TABLE run_actions (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    index integer NOT NULL,
    do_kind text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    sentence text NOT NULL DEFAULT '',
    deliveries text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (run_id, index)
);

-- Pauses of one workflow on one conversation, with the reason.
CREATE TABLE pauses (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    definition_id uuid NOT NULL REFERENCES definitions,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, definition_id)
);

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    conversation_id uuid REFERENCES conversations,
    mailbox_id uuid NOT NULL,
    run_id uuid,
    action_index integer NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    kind text NOT NULL CONSTRAINT deliveries_kind CHECK (kind IN ('reply', 'email', 'forward', 'notify', 'webhook')),
    state text NOT NULL CONSTRAINT deliveries_state CHECK (state IN ('waiting', 'handed_over', 'sent', 'failed', 'cancelled')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    held_until timestamptz,
    first_at timestamptz,
    reason text NOT NULL DEFAULT '',
    payload jsonb NOT NULL, -- the mail or the webhook
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX deliveries_open ON deliveries (conversation_id, seq, id) WHERE state IN ('waiting', 'handed_over');
CREATE INDEX deliveries_conversation ON deliveries (conversation_id, id);
-- One action of one run writes a delivery per recipient at most once.
CREATE INDEX deliveries_run ON deliveries (run_id, action_index) WHERE run_id IS NOT NULL;

CREATE TABLE attempts (
    delivery_id uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    n integer NOT NULL,
    state text NOT NULL CONSTRAINT attempts_state CHECK (state IN ('started', 'data_sent', 'sent', 'deferred', 'failed', 'unknown')),
    code integer NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (delivery_id, n)
);

CREATE TABLE settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    verb text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_object ON audit (object_kind, object_id, id);

-- Answers of writes that carried an Idempotency-Key, for a repeat of the same.
CREATE TABLE idempotency_keys (
    token_id uuid NOT NULL REFERENCES tokens ON DELETE CASCADE,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (token_id, key)
);
