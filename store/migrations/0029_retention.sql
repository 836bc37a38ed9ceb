-- +goose Up
-- What is kept for some time only, and how far its removal is.

-- One row for each kind. What has an id up to after_id was looked at; ids are in the
-- order of time.
CREATE TABLE retention (
    kind text PRIMARY KEY CONSTRAINT retention_kind CHECK (kind IN ('explanations', 'attempts', 'raw_mails', 'audit')),
    after_id uuid,
    removed bigint NOT NULL DEFAULT 0,
    removed_at timestamptz -- when something was removed last
);
INSERT INTO retention (kind) VALUES ('explanations'), ('attempts'), ('raw_mails'), ('audit');

-- The only way by which rows leave the audit: as its owner, whoever calls, but only
-- rows of more than 30 days, at most 10,000 at a time, and not without a row that says so.
-- +goose StatementBegin
CREATE FUNCTION audit_forget(older_than timestamptz, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    forgotten integer;
BEGIN
    IF older_than > clock_timestamp() - interval '30 days' OR most NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'the audit keeps at least 30 days, and forgets at most 10,000 rows at a time' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('smarticks.audit_retention', 'on', true);
    DELETE FROM audit WHERE id IN (SELECT a.id FROM audit a WHERE a.at < older_than ORDER BY a.at, a.id LIMIT most);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('smarticks.audit_retention', 'off', true);
    IF forgotten > 0 THEN
        INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id, before, after)
        VALUES (clock_timestamp(), 'system', '', 'forgotten', 'audit', '', jsonb_build_object('rows', forgotten), jsonb_build_object('before', older_than));
    END IF;
    RETURN forgotten;
END $$;
-- +goose StatementEnd
