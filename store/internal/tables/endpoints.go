package tables

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// EndpointColumns is the order that scanEndpoint expects; the table's alias is e.
const EndpointColumns = `e.id, e.mailbox_id, e.name, e.url, e.events, e.enabled, e.secret, e.created_at, e.updated_at, e.revision`

// ScanEndpoint reads the columns of EndpointColumns.
func ScanEndpoint(row pgx.Row) (conversation.Endpoint, error) {
	var e conversation.Endpoint
	var mailbox *conversation.MailboxID
	err := row.Scan(&e.ID, &mailbox, &e.Name, &e.URL, &e.Events, &e.Enabled, &e.Secret, &e.CreatedAt, &e.UpdatedAt, &e.Revision)
	e.MailboxID = pg.OrZero(mailbox)
	return e, err
}

// DecodeEndpoints reads a list of endpoints that a statement gathered, as far as it reports them.
func DecodeEndpoints(raw []byte) ([]conversation.Endpoint, error) {
	var rows []struct {
		ID        conversation.EndpointID `json:"id"`
		MailboxID conversation.MailboxID  `json:"mailbox_id"`
		Name      string                  `json:"name"`
		Events    []string                `json:"events"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	var list []conversation.Endpoint
	for _, r := range rows {
		list = append(list, conversation.Endpoint{ID: r.ID, MailboxID: r.MailboxID, Name: r.Name, Events: r.Events})
	}
	return list, nil
}
