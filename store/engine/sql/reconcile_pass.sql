-- Counts what somebody should have seen to by @before, and wakes whoever must. What is
-- woken for already holds up itself and nothing else, and each kind has its own share: due
-- times do not queue behind deliveries.
WITH found AS MATERIALIZED (
    SELECT 'overdue' AS kind, c.id AS conversation_id, NULL::uuid AS delivery_id, c.last_seq AS seq, c.next_due AS since
    FROM conversations c
    WHERE c.next_due < @before
        AND c.erased_at IS NULL
    UNION ALL
    SELECT 'unhandled', c.id, NULL, c.last_seq, e.at
    FROM conversations c
    CROSS JOIN LATERAL ( -- by its key: the planner would read the whole table
        SELECT at
        FROM events
        WHERE conversation_id = c.id AND seq = c.handled_seq + 1
        LIMIT 1
    ) e
    WHERE c.handled_seq < c.last_seq
        AND c.erased_at IS NULL
        AND e.at < @before
    UNION ALL
    -- One that waits for its next try has that in next_at, and one waits its turn while
    -- another one of its conversation is held: neither is left lying.
    SELECT 'undelivered', CASE WHEN d.state = 'waiting' AND c.erased_at IS NULL THEN c.id END, d.id, coalesce(c.last_seq, 0), d.next_at
    FROM deliveries d
    LEFT JOIN conversations c ON c.id = d.conversation_id
    WHERE d.state IN ('waiting', 'handed_over')
        AND d.next_at < @before
        AND (d.held_until IS NULL OR d.held_until < @before)
        AND NOT EXISTS (
            SELECT 1
            FROM deliveries o
            WHERE o.conversation_id = d.conversation_id
                AND o.state IN ('waiting', 'handed_over')
                AND o.held_until IS NOT NULL
                AND o.held_until >= @before
        )
), looked AS MATERIALIZED (
    SELECT
        found.*,
        coalesce(found.conversation_id, found.delivery_id) AS id,
        coalesce(( -- by its key: EXISTS would read the whole outbox
            SELECT true
            FROM outbox o
            WHERE o.id = coalesce(found.conversation_id, found.delivery_id)
                AND o.reconciled_at > @stuck
                AND o.reconciled_at <= @at
        ), false) AS open
    FROM found
), free AS (
    SELECT
        kind,
        id,
        conversation_id,
        CASE WHEN conversation_id IS NULL THEN delivery_id END AS delivery_id,
        max(seq) AS seq,
        row_number() OVER (PARTITION BY kind ORDER BY min(since), id) AS place
    FROM looked
    WHERE NOT open
    GROUP BY 1, 2, 3, 4
), woken AS (
    INSERT INTO outbox (id, conversation_id, delivery_id, seq, ring_at, reconciled_at)
    SELECT id, conversation_id, delivery_id, CASE WHEN conversation_id IS NULL THEN 0 ELSE max(seq) END, @at, @at
    FROM free
    WHERE place <= @most
    GROUP BY 1, 2, 3
    ORDER BY id -- all lock them in one order
    ON CONFLICT (id) DO UPDATE
    SET rings = 0,
        reconciled_at = excluded.reconciled_at,
        ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at, LEAST(outbox.rung_at, @at) + interval '200 milliseconds'))
    RETURNING 1
)
SELECT
    count(*) FILTER (WHERE kind = 'overdue'),
    count(*) FILTER (WHERE kind = 'unhandled'),
    count(*) FILTER (WHERE kind = 'undelivered'),
    (SELECT count(*) FROM woken),
    count(DISTINCT id) FILTER (WHERE open)
FROM looked
