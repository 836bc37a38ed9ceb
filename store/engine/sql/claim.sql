-- Takes what is due, sets the time at which it is due again, and says in each row how many
-- seconds it is until the earliest further one, at most a minute.
WITH due AS (
    SELECT id
    FROM outbox
    WHERE ring_at <= clock_timestamp() + @offset::interval
    ORDER BY ring_at
    LIMIT @limit
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE outbox o
    SET rings = rings + 1,
        rung_at = clock_timestamp() + @offset::interval,
        -- 10 s, doubling to 10 min
        ring_at = clock_timestamp() + @offset::interval + LEAST(interval '10 minutes', interval '10 seconds' * (1 << LEAST(rings, 6)))
    FROM due
    WHERE o.id = due.id
    RETURNING o.conversation_id, o.delivery_id, o.job_id, o.job_kind, o.seq, o.manual
)
SELECT
    coalesce(claimed.conversation_id::text, ''),
    coalesce(c.number, 0),
    coalesce(c.mailbox_id::text, ''),
    coalesce(c.status, ''),
    claimed.seq,
    claimed.manual,
    coalesce(claimed.delivery_id::text, ''),
    coalesce(d.kind, ''),
    coalesce(claimed.job_id::text, ''),
    claimed.job_kind,
    coalesce((
        SELECT least(extract(epoch FROM min(ring_at) - clock_timestamp() - @offset::interval), 60)
        FROM outbox
        WHERE id NOT IN (SELECT id FROM due)
    ), 60)::float8
FROM claimed
LEFT JOIN conversations c ON c.id = claimed.conversation_id
LEFT JOIN deliveries d ON d.id = claimed.delivery_id
