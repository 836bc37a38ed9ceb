-- What a conversation is looked at with, in one row.
SELECT
    cu.id,
    cu.first_name,
    cu.last_name,
    cu.company,
    cu.phone,
    cu.emails,
    cu.created_at,
    {{mailbox_columns}},
    (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM settings),
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', e.id,
            'mailbox_id', coalesce(e.mailbox_id::text, ''),
            'name', e.name,
            'events', e.events
        ) ORDER BY e.id), '[]')
        FROM endpoints e
        WHERE e.enabled
    ),
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind) ORDER BY d.seq, d.id), '[]')
        FROM deliveries d
        WHERE d.conversation_id = c.id
            AND (
                d.state = 'waiting'
                -- Handed over and long overdue: nobody may be there to see to it.
                OR d.state = 'handed_over'
                    AND d.next_at < @overdue
                    AND (d.held_until IS NULL OR d.held_until < @overdue)
            )
    ),
    -- Whether the customer's newest message is by somebody who only says to be them.
    coalesce((
        SELECT m.claimed
        FROM messages m
        WHERE m.conversation_id = c.id
            AND m.kind = 'customer'
            AND m.author_id = c.customer_id::text
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT 1
    ), false),
    coalesce((SELECT revision::text FROM workflow_revisions WHERE mailbox_id = c.mailbox_id), ''),
    ({{history}})
FROM conversations c
JOIN customers cu ON cu.id = c.customer_id
JOIN mailboxes mb ON mb.id = c.mailbox_id
WHERE c.id = @conversation
