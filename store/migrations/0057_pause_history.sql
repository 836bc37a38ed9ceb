-- +goose Up
-- Pauses are kept as a history, so that it can be said later whether a workflow was
-- paused at some instant: a row for each, of which at most one of a place is not resumed.

ALTER TABLE pauses DROP CONSTRAINT pauses_pkey,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ALTER COLUMN conversation_id DROP NOT NULL; -- null: everywhere
CREATE UNIQUE INDEX pauses_here ON pauses (conversation_id, definition_id) WHERE resumed_at IS NULL;
CREATE UNIQUE INDEX pauses_everywhere ON pauses (definition_id) WHERE resumed_at IS NULL AND conversation_id IS NULL;
CREATE INDEX pauses_of ON pauses (conversation_id, definition_id, created_at);
CREATE INDEX pauses_of_everywhere ON pauses (definition_id, created_at) WHERE conversation_id IS NULL;

-- Whether a workflow is paused everywhere is still said by its own row.
INSERT INTO pauses (definition_id, kind, reason, created_at)
SELECT id, 'workflow_runs', paused_reason, paused_at FROM definitions WHERE paused_at IS NOT NULL;
