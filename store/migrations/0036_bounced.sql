-- +goose Up
-- A mail that was sent and came back is neither sent nor failed at the relay.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_state,
    ADD CONSTRAINT deliveries_state CHECK (state IN ('waiting', 'handed_over', 'sent', 'failed', 'bounced', 'cancelled'));
