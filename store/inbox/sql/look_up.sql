-- What is known of a mail that comes into a mailbox: whether it is there already, who wrote
-- it, and to which conversations it may belong, the likeliest first. One row for each of
-- these, one without a conversation when there is none.
SELECT
    mail.known,
    mail.user_id,
    mail.at,
    mail.customer_id,
    mail.nameless,
    mail.cause_key,
    coalesce(f.class, 0),
    f.notice,
    c.id::text,
    coalesce(c.state, ''),
    coalesce(c.imported, false),
    coalesce(c.participants, '{}'),
    ARRAY(SELECT e.email_key FROM customer_emails e WHERE e.email_key = ANY (@writers) AND e.customer_id = c.customer_id)
FROM (
    SELECT
        -- A copy of it, or the same bytes again.
        EXISTS (SELECT 1 FROM raw_mails WHERE mailbox_id = @mailbox AND identity = @identity)
            OR EXISTS (SELECT 1 FROM raw_mails WHERE mailbox_id = @mailbox AND message_id_header = @message_id AND sha256 = @sum) AS known,
        coalesce((SELECT id::text FROM users WHERE email_key = @sender), '') AS user_id,
        clock_timestamp() + @offset::interval AS at,
        coalesce(cu.id::text, '') AS customer_id,
        coalesce(cu.first_name = '' AND cu.last_name = '', false) AS nameless,
        CASE WHEN @marked THEN ({{cause_key}}) ELSE '' END AS cause_key
    FROM (SELECT) one -- a row also when nobody has the address
    LEFT JOIN customer_emails ce ON ce.email_key = @person
    LEFT JOIN customers cu ON cu.id = ce.customer_id
) mail
LEFT JOIN LATERAL (
    -- 0: it names a mail of ours, by its own id or as our relay renamed it. Notices say to whom
    -- they went.
    SELECT
        0 AS class,
        t.place,
        d.conversation_id,
        CASE WHEN d.kind = 'notify' THEN ARRAY(SELECT jsonb_array_elements_text(d.payload -> 'mail' -> 'to')) END AS notice
    FROM unnest(@ours::uuid[]) WITH ORDINALITY t (id, place)
    JOIN deliveries d ON d.id = t.id
    UNION ALL
    SELECT
        0,
        r.place,
        d.conversation_id,
        CASE WHEN d.kind = 'notify' THEN ARRAY(SELECT jsonb_array_elements_text(d.payload -> 'mail' -> 'to')) END
    FROM unnest(@relayed::text[]) WITH ORDINALITY r (id, place)
    JOIN deliveries d ON d.relay_id = r.id AND d.relay_id <> '' -- the index is of these
    UNION ALL
    -- 1: it names somebody else's mail that we have.
    SELECT 1, n.place, m.conversation_id, NULL
    FROM unnest(@named::text[]) WITH ORDINALITY n (id, place)
    CROSS JOIN LATERAL (
        SELECT conversation_id
        FROM messages
        WHERE message_id_header = n.id AND message_id_header <> ''
        ORDER BY created_at
        LIMIT @most
    ) m
    UNION ALL
    -- 2: a mail that we have names it, which came later and was here earlier.
    SELECT 2, 1, m.conversation_id, NULL
    FROM (
        SELECT conversation_id
        FROM messages
        WHERE kind IN ('customer', 'third_party') AND (in_reply_to || reference_ids) @> ARRAY[@message_id::text]
        LIMIT @most
    ) m
    UNION ALL
    SELECT 2, 2, m.conversation_id, NULL
    FROM customer_emails e
    JOIN conversations o ON o.customer_id = e.customer_id AND o.imported
    JOIN messages m ON m.conversation_id = o.id AND m.kind = 'reply' AND (m.in_reply_to || m.reference_ids) @> ARRAY[@message_id::text]
    WHERE e.email_key = ANY (@correspondents)
) f ON NOT mail.known
-- In this mailbox, or they were here once.
LEFT JOIN conversations c ON c.id = f.conversation_id
    AND c.erased_at IS NULL
    AND (c.mailbox_id = @mailbox OR EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.mailbox_id = @mailbox))
ORDER BY c.id IS NULL, f.class, f.place, c.created_at, c.id
LIMIT @most
