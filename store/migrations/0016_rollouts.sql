-- +goose Up
-- A change of a workflow that may make conversations due earlier, or is to be held
-- against those of before, goes through them page by page.

CREATE TABLE rollouts (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL,
    definition_id uuid REFERENCES definitions, -- null: the mailbox's clock was changed
    version_id uuid REFERENCES versions,
    reason text NOT NULL CONSTRAINT rollouts_reason CHECK (reason IN ('published', 'switched', 'resumed', 'clock')),
    consider boolean NOT NULL, -- an event for each conversation, not only a new due list
    since timestamptz,         -- only conversations that began from then on; null: all
    state text NOT NULL CONSTRAINT rollouts_state CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
    after_id uuid,             -- the last conversation that was looked at
    total integer,             -- how many there were when it began; null: not counted yet
    looked integer NOT NULL DEFAULT 0,
    actor_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX rollouts_definition ON rollouts (definition_id, id);
CREATE INDEX rollouts_open ON rollouts (mailbox_id) WHERE state IN ('running', 'paused');

ALTER TABLE outbox ADD COLUMN job_id uuid,
    DROP CONSTRAINT outbox_target,
    ADD CONSTRAINT outbox_target CHECK (num_nonnulls(conversation_id, delivery_id, job_id) = 1);
