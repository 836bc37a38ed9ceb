-- Writes the ends of attempts. It changes no delivery whose attempt had ended before.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() + @offset::interval AS at
), given AS MATERIALIZED (
    SELECT
        g.*,
        now.at,
        now.at + g.pause * interval '1 microsecond' AS next_at,
        g.state IN ('sent', 'failed', 'cancelled') AS final
    FROM now, jsonb_to_recordset(@given::jsonb) AS g (
        id uuid,
        n int,
        attempt text,
        code int,
        reason text,
        state text,
        pause bigint,
        relay_id text
    )
), ended AS (
    UPDATE attempts a
    SET state = g.attempt, code = g.code, reason = g.reason, ended_at = g.at
    FROM given g
    WHERE a.delivery_id = g.id AND a.n = g.n AND a.ended_at IS NULL
    RETURNING a.delivery_id
), told AS ( -- nobody need be woken for what is final
    DELETE FROM outbox o
    USING given g
    WHERE o.id = g.id AND g.final
), rested AS ( -- nor for what waits for its next try, until that is overdue
    UPDATE outbox o
    SET rings = 0, reconciled_at = NULL, ring_at = g.next_at + interval '1 minute'
    FROM given g
    WHERE o.id = g.id AND NOT g.final
), healed AS ( -- a mail that is sent after all takes back the attention it asked for
    UPDATE conversations c
    SET attention = ''
    FROM deliveries x, given g, ended
    WHERE g.state = 'sent'
        AND x.id = g.id
        AND ended.delivery_id = g.id
        AND x.kind <> 'webhook'
        AND c.id = x.conversation_id
        AND starts_with(c.attention, @undelivered)
        AND NOT EXISTS ( -- another one that did not arrive; of those before an agent's mail none counts
            SELECT 1
            FROM deliveries o
            WHERE o.conversation_id = c.id
                AND o.id <> x.id
                AND o.kind <> 'webhook'
                AND (o.kind <> 'notify' OR o.run_id IS NOT NULL)
                AND (o.state IN ('failed', 'bounced') OR o.state = 'sent' AND o.reason <> '')
                AND (o.id > x.id OR x.run_id IS NOT NULL OR x.kind = 'notify')
        )
)
UPDATE deliveries d
SET state = g.state,
    reason = g.reason,
    held_until = NULL,
    next_at = g.next_at,
    relay_id = coalesce(nullif(g.relay_id, ''), d.relay_id),
    finished_at = CASE WHEN g.final THEN g.at END,
    -- What is left of a conversation that was deleted for ever loses its content.
    payload = CASE WHEN d.erased_at IS NOT NULL AND g.final THEN '{}' ELSE d.payload END
FROM given g, ended
WHERE d.id = g.id
    AND ended.delivery_id = g.id
    AND d.attempts = g.n
    AND (
        d.state IN ('waiting', 'handed_over')
        -- It was cancelled with its conversation while it was under way.
        OR d.state = 'cancelled' AND d.erased_at IS NOT NULL AND g.state = 'sent'
    )
