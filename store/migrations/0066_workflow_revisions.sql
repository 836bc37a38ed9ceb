-- +goose Up
-- A revision of each mailbox's workflows, which every change of one of them makes anew:
-- whoever remembers them for a revision need not read them again. It is random, so that
-- one that was rolled back never comes again for something else. Kept in a table of its
-- own: nobody who pauses a workflow waits for whoever changes its mailbox.

CREATE TABLE workflow_revisions (
    mailbox_id uuid PRIMARY KEY, -- also one that is gone: its workflows stay, deleted
    revision uuid NOT NULL
) WITH (fillfactor = 50);

INSERT INTO workflow_revisions (mailbox_id, revision) SELECT DISTINCT mailbox_id, gen_random_uuid() FROM definitions;

-- +goose StatementBegin
CREATE FUNCTION change_workflow_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workflow_revisions (mailbox_id, revision)
    SELECT mailbox_id, gen_random_uuid() FROM changed GROUP BY mailbox_id ORDER BY mailbox_id
    ON CONFLICT (mailbox_id) DO UPDATE SET revision = excluded.revision;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER definitions_added AFTER INSERT ON definitions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION change_workflow_revision();
CREATE TRIGGER definitions_changed AFTER UPDATE ON definitions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION change_workflow_revision();
CREATE TRIGGER definitions_removed AFTER DELETE ON definitions REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION change_workflow_revision();
