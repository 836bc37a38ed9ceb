-- +goose Up
-- A run that takes back what another run did.

ALTER TABLE runs
    ADD COLUMN undoes uuid REFERENCES runs, -- set where the trigger is undo
    DROP CONSTRAINT runs_trigger,
    ADD CONSTRAINT runs_trigger CHECK (trigger IN ('event', 'time', 'manual', 'consider', 'undo')),
    ADD CONSTRAINT runs_undoes CHECK ((trigger = 'undo') = (undoes IS NOT NULL));

-- A run is undone once; an undo that was refused or failed may be asked for again.
CREATE UNIQUE INDEX runs_undone_once ON runs (undoes) WHERE undoes IS NOT NULL AND state IN ('asked', 'done');
