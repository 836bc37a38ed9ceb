-- +goose Up
-- Protection against loops: what is counted, what is paused, and since when.

-- A pause stays when somebody resumes: budgets then count from there.
ALTER TABLE pauses ADD COLUMN kind text NOT NULL DEFAULT 'failed',
    ADD COLUMN resumed_at timestamptz;
CREATE INDEX pauses_definition ON pauses (definition_id) WHERE resumed_at IS NULL;

ALTER TABLE definitions ADD COLUMN paused_reason text NOT NULL DEFAULT '',
    ADD COLUMN paused_at timestamptz,  -- everywhere; null: it is not
    ADD COLUMN resumed_at timestamptz, -- the last time
    ADD COLUMN off_kind text NOT NULL DEFAULT '', -- what was gone when it switched off by itself
    ADD COLUMN off_id text NOT NULL DEFAULT '';

-- Set for automatic mail to the customer alone: what the mail limits count.
ALTER TABLE deliveries ADD COLUMN customer_id uuid,
    ADD COLUMN definition_id uuid;
CREATE INDEX deliveries_automatic ON deliveries (conversation_id, created_at) WHERE customer_id IS NOT NULL;
CREATE INDEX deliveries_answers ON deliveries (customer_id, created_at) WHERE customer_id IS NOT NULL;

-- The key that signs causes which leave the house. Nobody is ever shown it.
INSERT INTO settings (key, value, updated_at)
VALUES ('cause_key', to_jsonb(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')), now());

CREATE INDEX audit_actor ON audit (actor_id, id);

-- What was removed keeps its name: what happened while it was there mentions it.
CREATE TABLE removed (
    id text PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL
);
-- Messages and workflows outlive the mailbox that they were in.
ALTER TABLE messages DROP CONSTRAINT messages_mailbox_id_fkey;
ALTER TABLE definitions DROP CONSTRAINT definitions_mailbox_id_fkey;
CREATE INDEX conversations_assigned ON conversations (assignee_id) WHERE assignee_id IS NOT NULL;
