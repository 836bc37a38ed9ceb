-- What is looked up when a delivery is sent, in the order that scanTaken expects. A secret
-- that was rotated within a day signs beside the new one.
{{delivery_columns}},
    now.at,
    coalesce(e.url, ''),
    coalesce(e.secret || CASE WHEN e.rotated_at > now.at - interval '1 day' THEN ' ' || e.previous_secret ELSE '' END, ''),
    coalesce(mb.secret || CASE WHEN mb.rotated_at > now.at - interval '1 day' THEN ' ' || mb.previous_secret ELSE '' END, ''),
    coalesce((SELECT value #>> '{}' FROM settings WHERE key = '{{automatic_sender}}'), '')
