-- +goose Up
-- Which mode each workflow had when. The audit tells it too, and may be trimmed.

CREATE TABLE modes (
    definition_id uuid NOT NULL REFERENCES definitions ON DELETE CASCADE,
    at timestamptz NOT NULL,
    mode text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
CREATE INDEX modes_of ON modes (definition_id, at, id);

-- What the audit still tells of before.
INSERT INTO modes (definition_id, at, mode)
SELECT f.id, a.at, a.after ->> 'mode' FROM audit a JOIN definitions f ON f.id::text = a.object_id
WHERE a.object_kind = 'workflow' AND a.after ? 'mode' ORDER BY a.id;
-- Where it tells nothing any more, all that is known is how it is.
INSERT INTO modes (definition_id, at, mode)
SELECT f.id, f.updated_at, f.mode FROM definitions f
WHERE f.mode IS DISTINCT FROM (SELECT m.mode FROM modes m WHERE m.definition_id = f.id ORDER BY m.at DESC, m.id DESC LIMIT 1);

-- +goose StatementBegin
CREATE FUNCTION keep_mode() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO modes (definition_id, at, mode) VALUES (NEW.id, NEW.updated_at, NEW.mode);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER definitions_made AFTER INSERT ON definitions FOR EACH ROW EXECUTE FUNCTION keep_mode();
CREATE TRIGGER definitions_switched AFTER UPDATE OF mode ON definitions FOR EACH ROW
    WHEN (OLD.mode IS DISTINCT FROM NEW.mode) EXECUTE FUNCTION keep_mode();
