-- Parts of the statement that writes runs (runs_in): the runs @counted of them are counted
-- by workflow and minute, and reached lists the workflows that have come to their limit of
-- runs since @ago on all conversations.
counted AS (
    SELECT
        r.definition_id AS id,
        -- its minute, or what is left of it since the workflow was resumed
        CASE
            WHEN r.created_at > f.resumed_at THEN GREATEST(date_trunc('minute', r.created_at), f.resumed_at)
            ELSE date_trunc('minute', r.created_at)
        END AS minute,
        count(*) AS runs
    FROM runs_in r
    JOIN definitions f ON f.id = r.definition_id
    WHERE r.id = ANY (@counted::uuid[])
        AND {{counted_run}}
    GROUP BY 1, 2
), run_counts_in AS (
    INSERT INTO run_counts (definition_id, minute, shard, runs)
    SELECT id, minute, @shard::smallint, runs
    FROM counted
    ORDER BY id, minute -- all lock them in one order
    ON CONFLICT (definition_id, minute, shard) DO UPDATE SET runs = run_counts.runs + excluded.runs
), allowed AS (
    SELECT coalesce((SELECT (value ->> 'runs_per_workflow')::int FROM settings WHERE key = 'limits'), @allowed::int) AS runs
), made AS ( -- whole: in minutes that are within the hour; part: in the one that is only partly
    SELECT
        own.id,
        f.resumed_at,
        own.runs + coalesce(sum(m.runs) FILTER (WHERE m.minute >= @ago::timestamptz), 0) AS whole,
        coalesce(sum(m.runs) FILTER (WHERE m.minute < @ago::timestamptz), 0) AS part
    FROM (SELECT id, sum(runs) AS runs FROM counted GROUP BY id) own
    JOIN definitions f ON f.id = own.id AND f.paused_at IS NULL
    LEFT JOIN run_counts m ON m.definition_id = own.id -- as before this statement: its own runs are not among them
        AND m.minute > @ago::timestamptz - interval '1 minute'
        AND m.minute >= coalesce(f.resumed_at, '-infinity')
    GROUP BY own.id, own.runs, f.resumed_at
), reached AS (
    SELECT made.id, allowed.runs
    FROM made
    CROSS JOIN allowed
    WHERE made.whole >= allowed.runs
        OR made.whole + made.part >= allowed.runs -- only here the part matters, and is looked at
            AND made.whole + LEAST(made.part, (
                SELECT count(*)
                FROM runs r
                WHERE r.definition_id = made.id
                    AND {{counted_run}}
                    AND r.created_at > GREATEST(@ago::timestamptz, made.resumed_at)
                    AND r.created_at < date_trunc('minute', @ago::timestamptz) + interval '1 minute'
            )) >= allowed.runs
)
