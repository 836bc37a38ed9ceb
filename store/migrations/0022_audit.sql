-- +goose Up
-- Who did it, in full: the session or the token and its name, gone later, the
-- workflow's version, the request and where it came from. The mailbox says who
-- else than an admin may read it; it outlives the mailbox, so it is no reference.

ALTER TABLE audit
    ADD COLUMN mailbox_id uuid,
    ADD COLUMN actor_version integer NOT NULL DEFAULT 0,
    ADD COLUMN token_id text NOT NULL DEFAULT '',
    ADD COLUMN token_name text NOT NULL DEFAULT '',
    ADD COLUMN session_id text NOT NULL DEFAULT '',
    ADD COLUMN request_id text NOT NULL DEFAULT '',
    ADD COLUMN address text NOT NULL DEFAULT '';

UPDATE audit a SET mailbox_id = d.mailbox_id FROM definitions d WHERE a.object_kind = 'workflow' AND d.id::text = a.object_id;
UPDATE audit a SET mailbox_id = f.mailbox_id FROM folders f WHERE a.object_kind = 'folder' AND f.id::text = a.object_id;
UPDATE audit a SET mailbox_id = f.mailbox_id FROM fields f WHERE a.object_kind = 'field' AND f.id::text = a.object_id;
UPDATE audit a SET mailbox_id = a.object_id::uuid WHERE a.object_kind = 'mailbox';

CREATE INDEX audit_mailbox ON audit (mailbox_id, id);
CREATE INDEX audit_token ON audit (token_id, id) WHERE token_id <> '';
CREATE INDEX audit_at ON audit (at, id);

-- What is written stays as it was written, whoever is connected. Only old rows may
-- go, by the function that retention calls: it says so for its transaction.
-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('smarticks.audit_retention', true) = 'on'
            AND OLD.at < clock_timestamp() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
