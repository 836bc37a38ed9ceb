-- +goose Up
-- How often a workflow ran in each minute, so that its limit of runs within an hour costs
-- the same however many there were. A minute has a row for each shard: conversations that
-- are handled at once rarely wait for each other. After a resume a new row begins within
-- the minute, since the runs before it count no more.

CREATE TABLE run_counts (
    definition_id uuid NOT NULL,
    minute timestamptz NOT NULL, -- when it began, or when the workflow was resumed within it
    shard smallint NOT NULL,     -- by the conversation's id
    runs int NOT NULL,
    PRIMARY KEY (definition_id, minute, shard)
) WITH (fillfactor = 50); -- a row is updated in place
CREATE INDEX run_counts_minute ON run_counts (minute); -- to remove old ones

INSERT INTO run_counts (definition_id, minute, shard, runs)
SELECT f.id, CASE WHEN r.created_at > f.resumed_at THEN GREATEST(date_trunc('minute', r.created_at), f.resumed_at)
        ELSE date_trunc('minute', r.created_at) END, 0, count(*)
FROM runs r JOIN definitions f ON f.id = r.definition_id
WHERE r.created_at > clock_timestamp() - interval '1 hour'
    AND r.mode = 'on' AND r.trigger NOT IN ('manual', 'undo') AND r.state IN ('done', 'failed')
GROUP BY 1, 2;
