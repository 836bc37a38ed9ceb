-- +goose Up
-- How often what admins set up was changed, so that who writes can say what he had
-- read. Counted where every writer passes, one that is added later too.

ALTER TABLE mailboxes ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE fields ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE folders ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE endpoints ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE settings ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE definitions ADD COLUMN revision bigint NOT NULL DEFAULT 1;

-- +goose StatementBegin
CREATE FUNCTION count_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER mailboxes_revision BEFORE UPDATE ON mailboxes FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION count_revision();
-- Memberships are rows of their own: who changes them raises the user's revision.
CREATE TRIGGER users_revision BEFORE UPDATE ON users FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION count_revision();
CREATE TRIGGER fields_revision BEFORE UPDATE ON fields FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION count_revision();
CREATE TRIGGER folders_revision BEFORE UPDATE ON folders FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION count_revision();
CREATE TRIGGER endpoints_revision BEFORE UPDATE ON endpoints FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION count_revision();
CREATE TRIGGER settings_revision BEFORE UPDATE ON settings FOR EACH ROW
    WHEN (OLD.value IS DISTINCT FROM NEW.value) EXECUTE FUNCTION count_revision();
-- What people decide of a workflow. That others were put before it, or that it
-- paused itself, stands in nobody's way.
CREATE TRIGGER definitions_revision BEFORE UPDATE ON definitions FOR EACH ROW
    WHEN ((OLD.draft, OLD.mode, OLD.version_id, OLD.off_reason, OLD.deleted_at)
        IS DISTINCT FROM (NEW.draft, NEW.mode, NEW.version_id, NEW.off_reason, NEW.deleted_at))
    EXECUTE FUNCTION count_revision();
