-- Begins an attempt by compare-and-set: no row is returned when somebody else has the
-- delivery, or when it is not its turn.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() + @offset::interval AS at
), taken AS (
    UPDATE deliveries d
    SET attempts = attempts + 1,
        held_until = now.at + @hold::interval,
        first_at = coalesce(first_at, now.at)
    FROM now
    WHERE d.id = @id
        AND d.state IN ('waiting', 'handed_over')
        AND d.next_at <= now.at
        AND (d.held_until IS NULL OR d.held_until < now.at)
        AND (
            d.kind = 'webhook'
            -- Mails of a conversation go one after another, and the first tries in order.
            OR NOT EXISTS (
                SELECT 1
                FROM deliveries o
                WHERE o.conversation_id = d.conversation_id
                    AND o.kind <> 'webhook'
                    AND o.id <> d.id
                    AND o.state IN ('waiting', 'handed_over')
                    AND (o.held_until > now.at OR o.attempts = 0 AND (o.seq, o.id) < (d.seq, d.id))
            )
        )
    RETURNING d.*
), lost AS ( -- the attempt whose hold ran out; what was all out may have arrived
    UPDATE attempts a
    SET state = CASE a.state WHEN 'data_sent' THEN 'unknown' ELSE 'deferred' END,
        ended_at = now.at,
        reason = 'the process that made this attempt ended before it was told the outcome'
    FROM now
    WHERE a.delivery_id IN (SELECT id FROM taken)
        AND a.ended_at IS NULL
), attempt AS (
    INSERT INTO attempts (delivery_id, n, state, started_at)
    SELECT taken.id, taken.attempts, 'started', now.at
    FROM taken, now
)
SELECT {{taken_columns}}
FROM now, taken d
{{taken_tail}}
