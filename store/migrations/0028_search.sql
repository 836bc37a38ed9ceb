-- +goose Up
-- What lists of conversations and runs are filtered and sorted by.

-- The words of a text, as they are and in lower case. Of addresses each part is a
-- word. A text of at most 50,000 characters always fits into a tsvector.
-- +goose StatementBegin
CREATE FUNCTION search_words(body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, translate(left(body, 50000), '@._-/:+#', '        '));
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION customer_words(first_name text, last_name text, company text, emails text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN search_words(first_name || ' ' || last_name || ' ' || company || ' ' || array_to_string(emails, ' '));
-- +goose StatementEnd

CREATE INDEX messages_search ON messages USING gin (search_words(subject || ' ' || from_address || ' ' || body_text));
CREATE INDEX customers_search ON customers USING gin (customer_words(first_name, last_name, company, emails));
CREATE INDEX conversations_search ON conversations USING gin (search_words(subject));

-- Lists of several mailboxes take the first of each.
CREATE INDEX conversations_created ON conversations (mailbox_id, created_at, id);
CREATE INDEX conversations_updated ON conversations (mailbox_id, updated_at, id);
CREATE INDEX conversations_waiting ON conversations (mailbox_id, waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversations_status ON conversations (mailbox_id, status, updated_at);
CREATE INDEX conversations_unassigned ON conversations (mailbox_id, updated_at) WHERE assignee_id IS NULL;
-- What is rare.
CREATE INDEX conversations_attention ON conversations (mailbox_id) WHERE attention <> '';
CREATE INDEX conversations_unpublished ON conversations (mailbox_id, state) WHERE state <> 'published' AND erased_at IS NULL;
CREATE INDEX conversations_fields ON conversations USING gin (fields jsonb_path_ops) WHERE fields <> '{}';
CREATE INDEX runs_rare ON runs (definition_id, state, created_at) WHERE state IN ('asked', 'failed', 'refused');
