-- +goose Up
-- What a paused workflow did not look at is kept, so that whoever resumes it can see it
-- and have it looked at after all.

CREATE TABLE passed_over (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    definition_id uuid NOT NULL REFERENCES definitions,
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    seq bigint NOT NULL, -- the event
    at timestamptz NOT NULL,
    made_up_at timestamptz, -- null: not made up for
    UNIQUE (definition_id, conversation_id, seq)
);
CREATE INDEX passed_over_left ON passed_over (definition_id, id) WHERE made_up_at IS NULL;
CREATE INDEX passed_over_at ON passed_over (at);

ALTER TABLE rollouts ADD COLUMN make_up boolean NOT NULL DEFAULT false; -- goes through what was passed over

-- Runs that were still asked for when their reasons would have been removed.
CREATE TABLE runs_left (run_id uuid PRIMARY KEY REFERENCES runs ON DELETE CASCADE);
INSERT INTO runs_left SELECT id FROM runs WHERE state = 'asked';
