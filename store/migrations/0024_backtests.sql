-- +goose Up
-- A version of a workflow is run over what really happened in its mailbox, and its
-- runs are compared with those of another version and with those that were made.

CREATE TABLE backtests (
    id uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL,
    definition_id uuid NOT NULL REFERENCES definitions,
    version integer NOT NULL,  -- 0: the draft as it was
    body jsonb NOT NULL,       -- what is tested
    against integer NOT NULL,  -- 0: none
    against_body jsonb,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT backtests_state CHECK (state IN ('running', 'cancelled', 'done')),
    after_id uuid,             -- the last conversation that was looked at
    total integer,             -- how many there are; null: not counted yet
    looked integer NOT NULL DEFAULT 0,
    erased integer NOT NULL DEFAULT 0,
    runs integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    actor_id text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX backtests_definition ON backtests (definition_id, id);
CREATE UNIQUE INDEX backtests_running ON backtests (definition_id) WHERE state = 'running';

CREATE TABLE backtest_runs (
    id uuid PRIMARY KEY,
    backtest_id uuid NOT NULL REFERENCES backtests ON DELETE CASCADE,
    conversation_id uuid NOT NULL,
    compared_with text NOT NULL CONSTRAINT backtest_runs_with CHECK (compared_with IN ('version', 'live')),
    outcome text NOT NULL CONSTRAINT backtest_runs_outcome CHECK (outcome IN ('same', 'more', 'fewer', 'earlier', 'later')),
    run jsonb,   -- of the version under test; null: none
    other jsonb, -- what it is compared with; null: none
    saw_later boolean NOT NULL
);
CREATE INDEX backtest_runs_backtest ON backtest_runs (backtest_id, id);

-- Who was once in a mailbox is part of its history.
CREATE INDEX events_moved_away ON events ((data ->> 'from')) WHERE kind = 'moved';

ALTER TABLE outbox ADD COLUMN job_kind text NOT NULL DEFAULT 'rollout'
    CONSTRAINT outbox_job_kind CHECK (job_kind IN ('rollout', 'backtest'));
