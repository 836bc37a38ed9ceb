package tables

import (
	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// CustomerColumns is the order that scanCustomer expects; the table's alias is c.
const CustomerColumns = `c.id, c.first_name, c.last_name, c.company, c.phone, c.emails, c.created_at`

// ScanCustomer reads the columns of CustomerColumns, and more behind them.
func ScanCustomer(row pgx.Row, more ...any) (conversation.Customer, error) {
	var c conversation.Customer
	err := row.Scan(append([]any{&c.ID, &c.FirstName, &c.LastName, &c.Company, &c.Phone, &c.Emails, &c.CreatedAt}, more...)...)
	return c, err
}

// ScanTold reads a customer with the endpoints that are told of a change of them.
func ScanTold(row pgx.Row) (conversation.Customer, []conversation.Endpoint, error) {
	var to []conversation.Endpoint
	var raw []byte
	c, err := ScanCustomer(row, &raw)
	if err == nil {
		to, err = DecodeEndpoints(raw)
	}
	return c, to, err
}
