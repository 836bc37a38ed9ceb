-- The end of take and begun: the delivery is d, the time now.at.
LEFT JOIN endpoints e
    ON e.id = nullif(d.payload -> 'webhook' ->> 'endpoint', '')::uuid
    AND e.enabled
LEFT JOIN mailboxes mb
    ON mb.id = d.mailbox_id
    AND d.kind = 'webhook'
