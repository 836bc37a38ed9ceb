package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Endpoints lists the webhook endpoints in the order of their ids.
//
// Errors: errs.Unavailable.
func (s *Store) Endpoints(ctx context.Context) ([]conversation.Endpoint, error) {
	const op = "store.Endpoints"
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.EndpointColumns+` FROM endpoints e ORDER BY e.id`)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Endpoint, error) { return tables.ScanEndpoint(r) })
	return list, pg.Classify(op, err)
}

// Endpoint returns a webhook endpoint.
//
// Errors: errs.NotFound.
func (s *Store) Endpoint(ctx context.Context, id conversation.EndpointID) (conversation.Endpoint, error) {
	e, err := tables.ScanEndpoint(s.db.Pool.QueryRow(ctx, `SELECT `+tables.EndpointColumns+` FROM endpoints e WHERE e.id = $1`, id))
	return e, pg.Classify("store.Endpoint", err)
}

// CreateEndpoint makes a webhook endpoint with a secret of its own. The repeat of
// a request with a key returns the endpoint of the first.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the name is taken, there
// are too many), errs.Unavailable.
func (s *Store) CreateEndpoint(ctx context.Context, who access.Caller, ask conversation.Endpoint) (conversation.Endpoint, error) {
	const op = "store.CreateEndpoint"
	if err := cleanEndpoint(op, &ask); err != nil {
		return ask, err
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Endpoint, error) {
		e := ask
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return e, err
		}
		e.ID, e.Secret, e.CreatedAt, e.UpdatedAt, e.Revision = conversation.EndpointID(pg.NewID()), newSigningSecret(), now, now, 1
		first, err := pg.Once(ctx, tx, who, string(e.ID), now)
		if err != nil {
			return e, err
		}
		if first != "" {
			return tables.ScanEndpoint(tx.QueryRow(ctx, `SELECT `+tables.EndpointColumns+` FROM endpoints e WHERE e.id = $1`, first))
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO endpoints (id, mailbox_id, name, name_key, url, events, enabled, secret, created_at, updated_at)
			SELECT @id, @mailbox_id, @name, @name_key, @url, @events, @enabled, @secret, @created_at, @created_at
			WHERE (SELECT count(*) FROM endpoints) < @most`, pgx.NamedArgs{
			"id":         e.ID,
			"mailbox_id": pg.NullID(e.MailboxID),
			"name":       e.Name,
			"name_key":   conversation.EndpointKey(e.Name),
			"url":        e.URL,
			"events":     pg.List(e.Events),
			"enabled":    e.Enabled,
			"secret":     e.Secret,
			"created_at": now,
			"most":       conversation.MaxEndpoints,
		})
		if err != nil {
			return e, err
		}
		if tag.RowsAffected() == 0 {
			return e, errs.New(op, errs.Conflict, fmt.Sprintf("there are %d webhook endpoints already, which is the most",
				conversation.MaxEndpoints))
		}
		return e, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "created",
			ObjectKind: "webhook",
			ObjectID:   string(e.ID),
			After:      auditEndpoint(e),
		})
	})
}

// ChangeEndpoint changes what ch names, and returns the endpoint as it is then.
// Workflows that call it by a name that it has no more are switched off.
//
// Errors: errs.NotFound, errs.Invalid (with problems), errs.Conflict (the name is
// taken), errs.Stale, errs.Unavailable.
func (s *Store) ChangeEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID,
	ch conversation.EndpointChange) (conversation.Endpoint, error) {
	const op = "store.ChangeEndpoint"
	return s.editEndpoint(ctx, op, who, "changed", id, func(tx pgx.Tx, e *conversation.Endpoint, now time.Time) error {
		before := *e
		pg.Set(&e.Name, ch.Name)
		pg.Set(&e.URL, ch.URL)
		pg.Set(&e.Events, ch.Events)
		pg.Set(&e.Enabled, ch.Enabled)
		if err := cleanEndpoint(op, e); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `UPDATE endpoints SET name = @name, name_key = @name_key, url = @url, events = @events,
			enabled = @enabled, updated_at = @updated_at WHERE id = @id RETURNING revision`, pgx.NamedArgs{
			"id":         id,
			"name":       e.Name,
			"name_key":   conversation.EndpointKey(e.Name),
			"url":        e.URL,
			"events":     pg.List(e.Events),
			"enabled":    e.Enabled,
			"updated_at": now,
		}).Scan(&e.Revision)
		if err != nil || before.Named(e.Name) {
			return err
		}
		return engine.SwitchOffNaming(ctx, tx, pg.By(who), now, goneEndpoint(before))
	})
}

// RotateEndpoint gives the endpoint a new secret. For a day what is sent is
// signed by both, so that the other side can follow.
//
// Errors: errs.NotFound, errs.Stale, errs.Unavailable.
func (s *Store) RotateEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID) (conversation.Endpoint, error) {
	return s.editEndpoint(ctx, "store.RotateEndpoint", who, "rotated", id, func(tx pgx.Tx, e *conversation.Endpoint, now time.Time) error {
		e.Secret = newSigningSecret()
		return tx.QueryRow(ctx, `UPDATE endpoints SET previous_secret = secret, secret = $2, rotated_at = $3, updated_at = $3 WHERE id = $1
			RETURNING revision`,
			id, e.Secret, now).Scan(&e.Revision)
	})
}

// DeleteEndpoint removes the endpoint; what still waits for it fails, and
// workflows that call it are switched off.
//
// Errors: errs.NotFound, errs.Stale, errs.Unavailable.
func (s *Store) DeleteEndpoint(ctx context.Context, who access.Caller, id conversation.EndpointID) error {
	_, err := s.editEndpoint(ctx, "store.DeleteEndpoint", who, "deleted", id, func(tx pgx.Tx, e *conversation.Endpoint, now time.Time) error {
		if err := engine.SwitchOffNaming(ctx, tx, pg.By(who), now, goneEndpoint(*e)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM endpoints WHERE id = $1`, id)
		return err
	})
	return err
}

// goneEndpoint is the endpoint as workflows name it.
func goneEndpoint(e conversation.Endpoint) engine.Gone {
	return engine.Gone{Kind: automation.RefEndpoint, ID: e.Name, Name: e.Name}
}

// editEndpoint locks the endpoint, changes it and writes the audit.
//
// Errors: errs.Stale, and those of do.
func (s *Store) editEndpoint(ctx context.Context, op string, who access.Caller, verb string, id conversation.EndpointID,
	do func(tx pgx.Tx, e *conversation.Endpoint, now time.Time) error,
) (conversation.Endpoint, error) {
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Endpoint, error) {
		e, err := tables.ScanEndpoint(tx.QueryRow(ctx, `SELECT `+tables.EndpointColumns+` FROM endpoints e WHERE e.id = $1 FOR UPDATE`, id))
		if err != nil {
			return e, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "webhook", string(id), e.Revision); err != nil {
			return e, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return e, err
		}
		before := auditEndpoint(e)
		if err := do(tx, &e, now); err != nil {
			return e, err
		}
		e.UpdatedAt = now
		return e, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       verb,
			ObjectKind: "webhook",
			ObjectID:   string(id),
			Before:     before,
			After:      auditEndpoint(e),
		})
	})
}

func cleanEndpoint(op string, e *conversation.Endpoint) error {
	var p pg.Problems
	e.Name = p.Line("name", e.Name, 1, conversation.MaxEndpointName)
	for _, problem := range automation.CheckWebhookURL(e.URL) {
		p.Add("url", problem.Message)
	}
	if e.URL == "" {
		p.Add("url", "this must not be empty")
	}
	if e.MailboxID != "" && !pg.IsID(e.MailboxID) {
		p.Add("mailbox_id", pg.NoSuchMailbox)
	}
	for i, event := range e.Events {
		switch {
		case !slices.Contains(delivery.OutgoingEvents, event):
			p.Add(pg.At("events", i), "there is no such event")
		case delivery.OfCustomers(event) && e.MailboxID != "":
			p.Add(pg.At("events", i), "customers belong to no mailbox: only an endpoint without one is told this")
		}
	}
	e.Events = slices.Compact(slices.Sorted(slices.Values(e.Events)))
	return p.Err(op)
}

// auditEndpoint is what the audit keeps of an endpoint: all but its secret. Admins
// manage endpoints, those of a mailbox too, and so only they read it.
func auditEndpoint(e conversation.Endpoint) map[string]any {
	return map[string]any{"mailbox_id": e.MailboxID, "name": e.Name, "url": e.URL, "events": pg.List(e.Events), "enabled": e.Enabled}
}

// tellCustomer writes the deliveries that tell an event of a customer to the
// endpoints. They have no conversation to look after them: each has an outbox row
// of its own.
func (s *Store) tellCustomer(ctx context.Context, tx pgx.Tx, event string, c conversation.Customer, to []conversation.Endpoint,
	at time.Time) error {
	out := make([]delivery.Delivery, len(to))
	for i, e := range to {
		out[i] = delivery.Delivery{
			ID: delivery.ID(pg.NewID()), Kind: delivery.KindWebhook, State: delivery.StateWaiting, NextAt: at, CreatedAt: at,
			Webhook: delivery.Tell(e, event, at, delivery.OutgoingData{Customer: delivery.ToldCustomer(c)}),
		}
	}
	if err := tables.InsertDeliveries(ctx, tx, out); err != nil {
		return err
	}
	for _, d := range out {
		if err := s.db.WakeDelivery(ctx, tx, d.ID); err != nil {
			return err
		}
	}
	return nil
}
