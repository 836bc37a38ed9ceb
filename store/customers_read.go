package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// seesCustomer is the condition under which a caller may read the customer c: one
// who has a conversation that he may read, and that was not deleted for ever. $1 is whether he sees every mailbox,
// $2 are those that he sees.
const seesCustomer = `($1 OR EXISTS (SELECT 1 FROM conversations x WHERE x.customer_id = c.id AND x.erased_at IS NULL AND x.mailbox_id = ANY($2)))`

// Customer returns a customer whom the caller may read.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Customer(ctx context.Context, who access.Caller, id conversation.CustomerID) (conversation.Customer, error) {
	const op = "store.Customer"
	if !who.May(access.ReadPeople) {
		return conversation.Customer{}, errs.New(op, errs.NotFound, "not found")
	}
	c, err := scanCustomer(s.db.pool.QueryRow(ctx,
		`SELECT `+customerColumns+` FROM customers c WHERE c.id = $3 AND `+seesCustomer, who.All(), mailboxIDs(who), id))
	return c, classify(op, err)
}

// Customers lists the customers whom the caller may read, the oldest first; with
// an address only the one it belongs to.
func (s *Store) Customers(ctx context.Context, who access.Caller, email string, page conversation.Page) ([]conversation.Customer, error) {
	const op = "store.Customers"
	rows, err := s.db.pool.Query(ctx, `
		SELECT `+customerColumns+` FROM customers c
		WHERE `+seesCustomer+` AND ($3::uuid IS NULL OR c.id > $3)
			AND ($4 = '' OR c.id = (SELECT customer_id FROM customer_emails WHERE email_key = $4))
		ORDER BY c.id LIMIT $5`, who.All(), mailboxIDs(who), nullID(page.After), conversation.AddressKey(email), page.Limit)
	if err != nil {
		return nil, classify(op, err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Customer, error) { return scanCustomer(r) })
	return out, classify(op, err)
}
