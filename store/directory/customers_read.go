package directory

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// SeesCustomer is the condition under which a caller may read the customer c: one
// who has a conversation that they may read, and that was not deleted permanently. $1 is whether they see every mailbox,
// $2 are those that they see.
const SeesCustomer = `($1 OR EXISTS (SELECT 1 FROM conversations x WHERE x.customer_id = c.id AND x.erased_at IS NULL AND ` +
	`x.mailbox_id = ANY($2)))`

// Customer returns a customer whom the caller may read.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Customer(ctx context.Context, who access.Caller, id conversation.CustomerID) (conversation.Customer, error) {
	const op = "store.Customer"
	if !who.May(access.ReadPeople) {
		return conversation.Customer{}, errs.New(op, errs.NotFound, "not found")
	}
	c, err := tables.ScanCustomer(s.db.Pool.QueryRow(ctx,
		`SELECT `+tables.CustomerColumns+` FROM customers c WHERE c.id = $3 AND `+SeesCustomer, who.All(), pg.MailboxIDs(who), id))
	return c, pg.Classify(op, err)
}

// Customers lists the customers whom the caller may read, the oldest first; with
// an address only the one it belongs to.
func (s *Store) Customers(ctx context.Context, who access.Caller, email string, page conversation.Page) ([]conversation.Customer, error) {
	const op = "store.Customers"
	rows, err := s.db.Pool.Query(ctx, `
		SELECT `+tables.CustomerColumns+` FROM customers c
		WHERE `+SeesCustomer+` AND ($3::uuid IS NULL OR c.id > $3)
			AND ($4 = '' OR c.id = (SELECT customer_id FROM customer_emails WHERE email_key = $4))
		ORDER BY c.id LIMIT $5`, who.All(), pg.MailboxIDs(who), pg.NullID(page.After), conversation.AddressKey(email), page.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Customer, error) { return tables.ScanCustomer(r) })
	return out, pg.Classify(op, err)
}
