-- +goose Up
-- Who takes part in a conversation, which mails are one mail, and all addresses of a
-- mailbox.

-- What addresses are compared by, as conversation.AddressKey has it: in lower case,
-- the domain in its ASCII form (RFC 5890, RFC 3492). It brings the keys that are kept
-- into that form and goes again below.
-- +goose StatementBegin
CREATE FUNCTION address_key(address text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    whole text := lower(btrim(address));
    head text := substring(whole FROM '^(.*@)[^@]*$');
    label text; code text; labels text[] := '{}';
    points int[]; n int; delta int; bias int; h int; b int; m int; q int; k int; t int; d int; p int;
BEGIN
    IF head IS NULL THEN
        RETURN whole;
    END IF;
    FOREACH label IN ARRAY string_to_array(regexp_replace(normalize(substr(whole, length(head) + 1), NFKC), '\.$', ''), '.') LOOP
        IF label ~ '^[\x01-\x7f]*$' THEN
            labels := labels || label;
            CONTINUE;
        END IF;
        points := ARRAY(SELECT ascii(c) FROM regexp_split_to_table(label, '') WITH ORDINALITY s(c, i) ORDER BY i);
        code := regexp_replace(label, '[^\x01-\x7f]', '', 'g');
        b := length(code); h := b; n := 128; delta := 0; bias := 72;
        IF b > 0 THEN
            code := code || '-';
        END IF;
        WHILE h < cardinality(points) LOOP
            SELECT min(x) INTO m FROM unnest(points) x WHERE x >= n;
            delta := delta + (m - n) * (h + 1);
            n := m;
            FOREACH p IN ARRAY points LOOP
                IF p < n THEN
                    delta := delta + 1;
                ELSIF p = n THEN
                    q := delta; k := 36;
                    LOOP
                        t := least(greatest(k - bias, 1), 26);
                        EXIT WHEN q < t;
                        d := t + (q - t) % (36 - t);
                        code := code || CASE WHEN d < 26 THEN chr(97 + d) ELSE chr(22 + d) END;
                        q := (q - t) / (36 - t);
                        k := k + 36;
                    END LOOP;
                    code := code || CASE WHEN q < 26 THEN chr(97 + q) ELSE chr(22 + q) END;
                    delta := CASE WHEN h = b THEN delta / 700 ELSE delta / 2 END;
                    delta := delta + delta / (h + 1);
                    k := 0;
                    WHILE delta > 455 LOOP
                        delta := delta / 35;
                        k := k + 36;
                    END LOOP;
                    bias := k + 36 * delta / (delta + 38);
                    delta := 0;
                    h := h + 1;
                END IF;
            END LOOP;
            delta := delta + 1;
            n := n + 1;
        END LOOP;
        labels := labels || ('xn--' || code);
    END LOOP;
    RETURN head || array_to_string(labels, '.');
END $$;
-- +goose StatementEnd

-- Where both forms of an address are known already, each keeps its own key: whoever
-- has the key that stays is found by it.
UPDATE mailboxes m SET email_key = address_key(email) WHERE email_key <> address_key(email)
    AND NOT EXISTS (SELECT 1 FROM mailboxes o WHERE o.email_key = address_key(m.email));
UPDATE users u SET email_key = address_key(email) WHERE email_key <> address_key(email)
    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email_key = address_key(u.email));
UPDATE customer_emails c SET email_key = address_key(email_key) WHERE email_key <> address_key(email_key)
    AND NOT EXISTS (SELECT 1 FROM customer_emails o WHERE o.email_key = address_key(c.email_key));

-- All addresses by which a mailbox is reached: its own, and its aliases.
CREATE TABLE mailbox_addresses (
    email_key text PRIMARY KEY,
    mailbox_id uuid NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
    email text NOT NULL,
    alias boolean NOT NULL
);
CREATE INDEX mailbox_addresses_mailbox ON mailbox_addresses (mailbox_id);
INSERT INTO mailbox_addresses SELECT email_key, id, email, false FROM mailboxes;

-- Why a new conversation stands beside the one that its first mail names: deleted,
-- or no_part.
ALTER TABLE conversations ADD COLUMN linked_because text NOT NULL DEFAULT ''
    CONSTRAINT conversations_linked_because CHECK (linked_because IN ('', 'deleted', 'no_part'));

UPDATE conversations c SET participants = ARRAY(
    SELECT key FROM (
        SELECT e.email_key AS key FROM customer_emails e WHERE e.customer_id = c.customer_id
        UNION SELECT address_key(a) FROM messages m, unnest(m.from_address || m.to_addresses || m.cc_addresses) a
            WHERE m.conversation_id = c.id AND m.kind = 'customer' AND m.author_id = c.customer_id::text
    ) took WHERE position('@' IN key) > 1 AND key NOT IN (SELECT email_key FROM mailboxes) ORDER BY key LIMIT 100)
    WHERE erased_at IS NULL;
DROP FUNCTION address_key(text);

-- The oldest of the mails with an id counts, and a mail may come after its answer.
DROP INDEX messages_header;
CREATE INDEX messages_header ON messages (message_id_header, created_at) WHERE message_id_header <> '';
CREATE INDEX messages_named ON messages USING gin ((in_reply_to || reference_ids)) WHERE kind IN ('customer', 'third_party');

-- One Message-ID, From and Date is one mail, whatever a path added to it. Mails from
-- before are known by their bytes.
ALTER TABLE raw_mails ADD COLUMN identity bytea;
CREATE UNIQUE INDEX raw_mails_identity ON raw_mails (mailbox_id, identity);
