-- All that was done on a conversation, as one object of three lists: runs by workflow and
-- mode, pauses that last, and mails to the outside.
-- @origins: as far back as origin events are listed. @hour: an hour ago.
-- @mails: as long ago as the widest mail window.
WITH resumed AS ( -- runs that somebody resumed count from then
    SELECT definition_id, max(resumed_at) AS at
    FROM pauses
    WHERE conversation_id = @conversation
    GROUP BY definition_id
), last AS (
    SELECT max(at) AS at
    FROM resumed
)
SELECT json_build_object(
    'runs', (
        SELECT coalesce(json_agg(by_mode), '[]')
        FROM (
            SELECT
                r.definition_id AS definition,
                r.mode,
                count(*) FILTER (
                    WHERE r.trigger NOT IN ('manual', 'undo')
                        AND r.state IN ('done', 'failed')
                ) AS counted,
                -- An undo is no run of its workflow, but its origin is used up: the workflow
                -- does not answer to it.
                coalesce(array_agg(DISTINCT r.origin) FILTER (
                    WHERE r.origin >= @origins
                        AND r.trigger <> 'manual'
                        AND r.state IN ('done', 'failed', 'limited')
                ), '{}') AS origins,
                coalesce(json_agg(r.episodes) FILTER (
                    WHERE r.episodes <> '{}'
                        AND r.trigger <> 'manual'
                ), '[]') AS episodes,
                -- What counts against the limits: of the workflow itself, and of all.
                count(*) FILTER (WHERE {{counted_run}} AND r.created_at > GREATEST(@hour, resumed.at)) AS own,
                count(*) FILTER (WHERE {{counted_run}} AND r.created_at > GREATEST(@hour, last.at)) AS all_own
            FROM runs r
            CROSS JOIN last
            LEFT JOIN resumed ON resumed.definition_id = r.definition_id
            WHERE r.conversation_id = @conversation
            GROUP BY r.definition_id, r.mode
        ) by_mode
    ),
    'pauses', (
        SELECT coalesce(json_agg(json_build_object('definition', definition_id, 'kind', kind, 'reason', reason)), '[]')
        FROM pauses
        WHERE conversation_id = @conversation
            AND resumed_at IS NULL
    ),
    'mails', (
        SELECT coalesce(json_agg(json_build_object('definition', d.definition_id, 'run', d.run_id, 'at', d.created_at) ORDER BY d.id), '[]')
        FROM deliveries d
        WHERE d.conversation_id = @conversation
            AND d.customer_id IS NOT NULL -- to a customer, so to the outside
            AND d.created_at > @mails
    )
)
