-- Deliveries whose first attempt began with them, and that are still held for it.
WITH now AS MATERIALIZED (
    SELECT clock_timestamp() + @offset::interval AS at
)
SELECT {{taken_columns}}
FROM now, deliveries d
{{taken_tail}}
WHERE d.id = ANY (@ids::uuid[])
    AND d.state = 'waiting'
    AND d.attempts = 1
    AND d.held_until > now.at
    AND EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id AND a.n = 1 AND a.state = 'started')
