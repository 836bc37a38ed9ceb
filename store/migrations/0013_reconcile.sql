-- +goose Up
-- What the reconciler looks for, and what each of its passes found.

-- Empty as long as all goes well.
CREATE INDEX conversations_unhandled ON conversations (id) WHERE handled_seq < last_seq AND erased_at IS NULL;
CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state IN ('waiting', 'handed_over');
CREATE INDEX deliveries_held ON deliveries (conversation_id) WHERE state IN ('waiting', 'handed_over') AND held_until IS NOT NULL;

-- When the reconciler rang for it; null: it did not.
ALTER TABLE outbox ADD COLUMN reconciled_at timestamptz;
CREATE INDEX outbox_reconciled ON outbox (reconciled_at) WHERE reconciled_at IS NOT NULL;

CREATE TABLE reconcile_passes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    overdue integer NOT NULL,
    unhandled integer NOT NULL,
    undelivered integer NOT NULL,
    rung integer NOT NULL,
    waiting integer NOT NULL
);
