package directory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// SeenCustomer is a customer as the look-up of an address saw them.
type SeenCustomer struct {
	Key      string                  // of the address
	ID       conversation.CustomerID // empty: it was nobody's
	Nameless bool
}

// CustomerFor returns the customer with the address and makes one where there
// is none; a customer without a name gets fullName. It takes one statement when
// there is nothing to write, none when seen is what this transaction found of the
// address, and two callers with the same new address get the same customer.
func (s *Store) CustomerFor(ctx context.Context, tx pgx.Tx, seen SeenCustomer, address, fullName string,
	at time.Time) (conversation.CustomerID, error) {
	return s.findOrMake(ctx, tx, seen, address, fullName, at, s.tellCustomer)
}

// KnownCustomer is customerFor for a customer who was known elsewhere: no endpoint is
// told.
func (s *Store) KnownCustomer(ctx context.Context, tx pgx.Tx, seen SeenCustomer, address, fullName string,
	at time.Time) (conversation.CustomerID, error) {
	return s.findOrMake(ctx, tx, seen, address, fullName, at,
		func(context.Context, pgx.Tx, string, conversation.Customer, []conversation.Endpoint, time.Time) error {
			return nil
		})
}

// teller tells endpoints of a customer.
type teller func(ctx context.Context, tx pgx.Tx, event string, c conversation.Customer, to []conversation.Endpoint, at time.Time) error

func (s *Store) findOrMake(ctx context.Context, tx pgx.Tx, seen SeenCustomer, address, fullName string, at time.Time,
	tell teller) (conversation.CustomerID, error) {
	key := conversation.AddressKey(address)
	if key == "" {
		return "", errs.New("store.customerFor", errs.Invalid, "a customer needs an e-mail address")
	}
	first, last := conversation.SplitName(fullName)
	for {
		if seen.Key != key {
			seen = SeenCustomer{Key: key}
			err := tx.QueryRow(ctx, `
				SELECT c.id, c.first_name = '' AND c.last_name = ''
				FROM customer_emails e JOIN customers c ON c.id = e.customer_id WHERE e.email_key = $1`, key).Scan(&seen.ID, &seen.Nameless)
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return "", err
			}
		}
		if seen.ID != "" {
			var err error
			if seen.Nameless && first != "" {
				err = s.nameCustomer(ctx, tx, seen.ID, first, last, at, tell)
			}
			return seen.ID, err
		}
		// The address decides: who claims it writes the customer. Who comes second
		// waits for the first to commit and finds the row in the next round.
		made, to, err := tables.ScanTold(tx.QueryRow(ctx, `
			WITH claim AS (
				INSERT INTO customer_emails (email_key, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING customer_id)
			INSERT INTO customers AS c (id, first_name, last_name, emails, created_at)
			SELECT customer_id, $3, $4, ARRAY[$5::text], $6 FROM claim RETURNING `+tables.CustomerColumns+`, `+toldOf(delivery.ToldCustomerCreated),
			key, pg.NewID(), first, last, strings.TrimSpace(address), at))
		if err == nil {
			err = tell(ctx, tx, delivery.ToldCustomerCreated, made, to, at)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return made.ID, err
		}
		seen = SeenCustomer{}
	}
}

// nameCustomer gives a customer who has none a name.
func (s *Store) nameCustomer(ctx context.Context, tx pgx.Tx, id conversation.CustomerID, first, last string, at time.Time,
	tell teller) error {
	named, to, err := tables.ScanTold(tx.QueryRow(ctx, `UPDATE customers c SET first_name = $2, last_name = $3
		WHERE c.id = $1 AND c.first_name = '' AND c.last_name = '' RETURNING `+tables.CustomerColumns+`, `+
		toldOf(delivery.ToldCustomerUpdated), id, first, last))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // somebody else was faster
	}
	if err != nil {
		return err
	}
	return tell(ctx, tx, delivery.ToldCustomerUpdated, named, to, at)
}

// CustomerWithoutAddress makes a customer of whom a name or a phone is known.
func (s *Store) CustomerWithoutAddress(ctx context.Context, tx pgx.Tx, in conversation.Opening, at time.Time) (conversation.CustomerID,
	error) {
	first, last := conversation.SplitName(in.CustomerName)
	made, to, err := tables.ScanTold(tx.QueryRow(ctx, `INSERT INTO customers AS c (id, first_name, last_name, phone, emails, created_at)
		VALUES ($1, $2, $3, $4, '{}', $5) RETURNING `+tables.CustomerColumns+`, `+toldOf(delivery.ToldCustomerCreated), pg.NewID(), first,
		last, in.CustomerPhone, at))
	if err != nil || in.Imported {
		return made.ID, err
	}
	return made.ID, s.tellCustomer(ctx, tx, delivery.ToldCustomerCreated, made, to, at)
}

// toldOf is a column that holds the endpoints that are told an event of a
// customer, so that nobody who asks for nothing costs a statement.
func toldOf(event string) string {
	return `(SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'name', e.name) ORDER BY e.id), '[]')
		FROM endpoints e WHERE e.enabled AND e.mailbox_id IS NULL AND e.events @> ARRAY['` + event + `'])`
}
