-- +goose NO TRANSACTION
-- +goose Up
-- The words of conversations that are there already, a thousand at a time: mail is received
-- meanwhile, nothing is locked but the conversations' own words, and it may be done again from
-- the beginning. 100,000 conversations of one message of 65 words took 10 seconds, and 14 to
-- index: a million of four messages take some ten minutes.

DROP PROCEDURE IF EXISTS fill_words;
-- +goose StatementBegin
CREATE PROCEDURE fill_words() LANGUAGE plpgsql AS $$
DECLARE
    last uuid := '00000000-0000-0000-0000-000000000000';
    ids uuid[];
BEGIN
    LOOP
        SET LOCAL synchronous_commit = off;
        SELECT array_agg(id ORDER BY id) INTO ids FROM (SELECT id FROM conversations WHERE id > last ORDER BY id LIMIT 1000) s;
        EXIT WHEN ids IS NULL;
        last := ids[cardinality(ids)];
        -- What fits into one text is read as one.
        INSERT INTO conversation_words AS w
        SELECT s.id, 0, mailbox_words(s.mailbox_id) || strip(search_words(s.text)) FROM (
            SELECT c.id, c.mailbox_id, concat_ws(' ', c.number, c.subject, cu.first_name, cu.last_name, cu.company, array_to_string(cu.emails, ' '),
                (SELECT string_agg(concat_ws(' ', m.subject, m.from_address, left(m.body_text, 50000)), ' ') FROM messages m WHERE m.conversation_id = c.id),
                (SELECT string_agg(a.name, ' ') FROM messages m JOIN attachments a ON a.message_id = m.id WHERE m.conversation_id = c.id)) AS text
            FROM unnest(ids) asked (id) JOIN conversations c ON c.id = asked.id JOIN customers cu ON cu.id = c.customer_id
            WHERE c.erased_at IS NULL AND NOT EXISTS (SELECT FROM conversation_words f WHERE f.conversation_id = c.id) OFFSET 0) s
        WHERE length(s.text) <= 50000
        ON CONFLICT (conversation_id, part) DO UPDATE SET words = w.words || excluded.words;
        PERFORM rebuild_words(asked.id) FROM unnest(ids) asked (id)
            WHERE NOT EXISTS (SELECT FROM conversation_words f WHERE f.conversation_id = asked.id);
        COMMIT;
    END LOOP;
END $$;
-- +goose StatementEnd
CALL fill_words();
DROP INDEX IF EXISTS conversation_words_search;
CREATE INDEX CONCURRENTLY conversation_words_search ON conversation_words USING gin (words) WITH (gin_pending_list_limit = 1024);
DROP INDEX IF EXISTS messages_search;
DROP INDEX IF EXISTS customers_search;
DROP INDEX IF EXISTS conversations_search;
