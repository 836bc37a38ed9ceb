-- +goose Up
-- Automatic mail is limited by its recipient, and a run whose mail may not go does
-- nothing.

-- What was sent by itself to outside within the last day. Both keys are digests:
-- neither an address nor a subject can be read from them.
CREATE TABLE automatic_mails (
    recipient text NOT NULL,
    subject text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX automatic_mails_recipient ON automatic_mails (recipient, at);
CREATE INDEX automatic_mails_at ON automatic_mails (at);

-- Who asks holds the recipients to the end of the transaction: nobody else mails them
-- meanwhile. Each statement in here sees what was committed before it began, and so
-- what the one whom it waited for wrote.
-- +goose StatementBegin
CREATE FUNCTION hold_recipients(keys text[], since timestamptz, most integer) RETURNS SETOF automatic_mails LANGUAGE plpgsql AS $$
DECLARE
    key text;
BEGIN
    FOR key IN SELECT DISTINCT k FROM unnest(keys) AS k ORDER BY k LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(key, 37));
    END LOOP;
    RETURN QUERY SELECT m.* FROM unnest(keys) AS k CROSS JOIN LATERAL
        (SELECT a.* FROM automatic_mails a WHERE a.recipient = k AND a.at > since ORDER BY a.at DESC LIMIT most) m;
END $$;
-- +goose StatementEnd

-- What admins were told of once, and when the last time.
CREATE TABLE notices (
    about text PRIMARY KEY,
    kind text NOT NULL,
    definition_id uuid, -- of a workflow that fails
    at timestamptz NOT NULL
);
CREATE INDEX notices_kind ON notices (kind, at);
CREATE INDEX notices_definition ON notices (definition_id) WHERE definition_id IS NOT NULL;

ALTER TABLE runs DROP CONSTRAINT runs_state,
    ADD CONSTRAINT runs_state CHECK (state IN ('asked', 'done', 'failed', 'refused', 'skipped', 'limited'));
DROP INDEX runs_once_per_origin;
CREATE UNIQUE INDEX runs_once_per_origin ON runs (conversation_id, definition_id, mode, origin)
    WHERE trigger IN ('event', 'time', 'consider') AND state IN ('done', 'failed', 'limited');
DROP INDEX runs_rare;
CREATE INDEX runs_rare ON runs (definition_id, state, created_at) WHERE state IN ('asked', 'failed', 'refused', 'limited');

ALTER TABLE conversations DROP CONSTRAINT conversations_auto_reply,
    ADD CONSTRAINT conversations_auto_reply CHECK (auto_reply IN ('', 'sent', 'disabled', 'limited'));
