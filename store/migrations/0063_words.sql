-- +goose Up
-- The words by which a conversation is found, stored, so that a search reads one index,
-- narrowed to the mailboxes in question, and no text. Triggers keep them in step within the
-- transaction of what changes. The next migration fills in what is there already.

-- The words of a conversation: its number, subject, mailbox, customer, and what stands in
-- its messages and the names of their files. Each update writes all of the index's entries
-- of a row again, and a tsvector ends at 1 MB: what is longer than 64 kB goes on in another
-- part, which begins with the number, subject, mailbox and customer again.
CREATE TABLE conversation_words (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    part integer NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (conversation_id, part)
) WITH (toast_tuple_target = 128); -- the words lie outside the row, which hits are read from
ALTER TABLE conversation_words ALTER COLUMN words SET STORAGE EXTERNAL;

-- The mailbox as a word that nobody can write: a colon ends a word.
CREATE FUNCTION mailbox_words(mailbox uuid) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(array_remove(ARRAY['mb:' || mailbox], NULL));

-- +goose StatementBegin
CREATE FUNCTION head_words(c conversations) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT mailbox_words(c.mailbox_id) || strip(search_words(concat_ws(' ', c.number, c.subject, cu.first_name, cu.last_name, cu.company, array_to_string(cu.emails, ' '))))
    FROM customers cu WHERE cu.id = c.customer_id
$$;
-- +goose StatementEnd

-- add_words adds words to the last part. A conversation that has none yet gets all of it.
-- +goose StatementBegin
CREATE FUNCTION add_words(conversation uuid, more tsvector) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last conversation_words;
BEGIN
    SELECT * INTO last FROM conversation_words WHERE conversation_id = conversation ORDER BY part DESC LIMIT 1 FOR UPDATE;
    IF last IS NULL THEN
        PERFORM rebuild_words(conversation);
    ELSIF pg_column_size(last.words || more) > 65536 THEN
        INSERT INTO conversation_words SELECT c.id, last.part + 1, head_words(c) || more FROM conversations c WHERE c.id = conversation;
    ELSE
        UPDATE conversation_words SET words = words || more WHERE conversation_id = conversation AND part = last.part;
    END IF;
END $$;
-- +goose StatementEnd

-- rebuild_words collects the words of a conversation anew. Who comes second to one that has
-- none adds to what the first one wrote.
-- +goose StatementBegin
CREATE FUNCTION rebuild_words(conversation uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head tsvector;
    joined tsvector;
    more tsvector;
    at integer := 0;
BEGIN
    DELETE FROM conversation_words WHERE conversation_id = conversation;
    SELECT head_words(c) INTO head FROM conversations c WHERE c.id = conversation AND c.erased_at IS NULL;
    IF head IS NULL THEN
        RETURN;
    END IF;
    joined := head;
    FOR more IN
        SELECT strip(search_words(m.subject || ' ' || m.from_address || ' ' || m.body_text)) FROM messages m WHERE m.conversation_id = conversation
        UNION ALL
        SELECT strip(search_words(a.name)) FROM messages m JOIN attachments a ON a.message_id = m.id WHERE m.conversation_id = conversation
    LOOP
        IF pg_column_size(joined || more) > 65536 THEN
            INSERT INTO conversation_words AS w VALUES (conversation, at, joined)
                ON CONFLICT (conversation_id, part) DO UPDATE SET words = w.words || excluded.words;
            joined := head;
            at := at + 1;
        END IF;
        joined := joined || more;
    END LOOP;
    INSERT INTO conversation_words AS w VALUES (conversation, at, joined)
        ON CONFLICT (conversation_id, part) DO UPDATE SET words = w.words || excluded.words;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION message_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM add_words(NEW.conversation_id, strip(search_words(NEW.subject || ' ' || NEW.from_address || ' ' || NEW.body_text)));
    ELSE
        PERFORM rebuild_words(NEW.conversation_id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER messages_words AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION message_words();
CREATE TRIGGER messages_words_again AFTER UPDATE OF subject, from_address, body_text ON messages FOR EACH ROW
    WHEN ((OLD.subject, OLD.from_address, OLD.body_text) IS DISTINCT FROM (NEW.subject, NEW.from_address, NEW.body_text))
    EXECUTE FUNCTION message_words();

-- +goose StatementBegin
CREATE FUNCTION gone_message_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rebuild_words(id) FROM (SELECT DISTINCT conversation_id AS id FROM gone) g;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER messages_words_gone AFTER DELETE ON messages REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION gone_message_words();

-- +goose StatementBegin
CREATE FUNCTION file_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_words(m.conversation_id, strip(search_words(string_agg(f.name, ' '))))
        FROM made f JOIN messages m ON m.id = f.message_id GROUP BY m.conversation_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER attachments_words AFTER INSERT ON attachments REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION file_words();

-- A conversation begins with a message mostly, which brings the words of both: at the end of
-- the transaction there is mostly nothing left to do.
-- +goose StatementBegin
CREATE FUNCTION begun_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM conversation_words WHERE conversation_id = NEW.id) THEN
        PERFORM rebuild_words(NEW.id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER conversations_words AFTER INSERT ON conversations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION begun_words();

-- +goose StatementBegin
CREATE FUNCTION conversation_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.erased_at IS NOT NULL THEN
        DELETE FROM conversation_words WHERE conversation_id = NEW.id;
    ELSIF (OLD.subject, OLD.customer_id) IS DISTINCT FROM (NEW.subject, NEW.customer_id) THEN
        PERFORM rebuild_words(NEW.id);
    ELSE
        UPDATE conversation_words SET words = ts_delete(words, 'mb:' || OLD.mailbox_id) || mailbox_words(NEW.mailbox_id) WHERE conversation_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER conversations_words_change AFTER UPDATE OF mailbox_id, subject, customer_id, erased_at ON conversations FOR EACH ROW
    WHEN ((OLD.mailbox_id, OLD.subject, OLD.customer_id, OLD.erased_at) IS DISTINCT FROM (NEW.mailbox_id, NEW.subject, NEW.customer_id, NEW.erased_at))
    EXECUTE FUNCTION conversation_changed_words();

-- Who gets a name is found by it in their newest conversations: an address that writes by
-- itself may have more than fit into a statement.
-- +goose StatementBegin
CREATE FUNCTION customer_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE conversation_words SET words = words || strip(customer_words(NEW.first_name, NEW.last_name, NEW.company, NEW.emails))
        WHERE conversation_id IN (SELECT id FROM conversations WHERE customer_id = NEW.id ORDER BY id DESC LIMIT 1000);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER customers_words AFTER UPDATE OF first_name, last_name, company, emails ON customers FOR EACH ROW
    WHEN ((OLD.first_name, OLD.last_name, OLD.company, OLD.emails) IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.company, NEW.emails))
    EXECUTE FUNCTION customer_changed_words();

-- search_terms are what a search asks for, one of each word: a word of three letters and more
-- by its beginning, but not a number, and no part of an address.
-- +goose StatementBegin
CREATE FUNCTION search_terms(asked text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT DISTINCT '''' || replace(replace(l.lexeme, '\', '\\'), '''', '''''') || ''''
        || CASE WHEN length(l.lexeme) >= 3 AND l.lexeme !~ '^[0-9]+$' AND strpos(t.text, '@') = 0 THEN ':*' ELSE '' END
    FROM regexp_split_to_table(asked, '\s+') t (text), unnest(search_words(t.text)) l
$$;
-- +goose StatementEnd

-- in_mailboxes narrows a search to mailboxes; NULL: to none.
-- +goose StatementBegin
CREATE FUNCTION in_mailboxes(terms tsquery, mailboxes uuid[]) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN mailboxes IS NULL THEN terms ELSE terms && (SELECT string_agg('''mb:' || id || '''', ' | ')::tsquery FROM unnest(mailboxes) id) END
$$;
-- +goose StatementEnd
