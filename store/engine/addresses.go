package engine

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// OwnKeys are those of some addresses' keys that are ours, each with its mailbox.
type OwnKeys map[string]conversation.MailboxID

// Mailbox returns the mailbox that the address belongs to; one of that very
// address goes before the one whose address it is with a detail.
func (o OwnKeys) Mailbox(address string) (conversation.MailboxID, bool) {
	for _, key := range conversation.AddressKeys(address) {
		if id, ok := o[key]; ok {
			return id, true
		}
	}
	return "", false
}

// Has reports whether the address is ours.
func (o OwnKeys) Has(address string) bool {
	_, ok := o.Mailbox(address)
	return ok
}

// ReadOwn reads which of the addresses are ours.
func ReadOwn(ctx context.Context, q pg.Querier, addresses []string) (OwnKeys, error) {
	var keys []string
	for _, a := range addresses {
		keys = append(keys, conversation.AddressKeys(a)...)
	}
	rows, err := q.Query(ctx, `SELECT email_key, mailbox_id FROM mailbox_addresses WHERE email_key = ANY ($1)`, pg.List(keys))
	if err != nil {
		return nil, err
	}
	own := OwnKeys{}
	var key string
	var mailbox conversation.MailboxID
	_, err = pgx.ForEachRow(rows, []any{&key, &mailbox}, func() error { own[key] = mailbox; return nil })
	return own, err
}

// FirstMailbox returns the address of the mailbox that was made first, empty where there
// is none.
//
// Errors: errs.Unavailable.
func (s *Store) FirstMailbox(ctx context.Context) (address string, err error) {
	err = s.db.Pool.QueryRow(ctx, `SELECT coalesce((SELECT email FROM mailboxes ORDER BY created_at, id LIMIT 1), '')`).Scan(&address)
	return address, pg.Classify("store.FirstMailbox", err)
}

// HasMailboxes tells, of each of the addresses, whether mail to it is ours to take.
//
// Errors: errs.Unavailable.
func (s *Store) HasMailboxes(ctx context.Context, addresses ...string) ([]bool, error) {
	var asked, keys, servers []string
	for _, a := range addresses {
		asked = append(asked, conversation.AddressKeys(a)...)
	}
	err := s.db.Pool.QueryRow(ctx, `
		SELECT ARRAY(SELECT email_key FROM mailbox_addresses WHERE email_key = ANY ($1)),
			ARRAY(SELECT jsonb_array_elements_text(value) FROM settings WHERE key = '`+tables.SettingAuthserv+`')`, pg.List(asked)).Scan(&keys,
		&servers)
	if err != nil {
		return nil, pg.Classify("store.HasMailboxes", err)
	}
	s.authserv.Store(&servers)
	own, ours := OwnKeys{}, make([]bool, len(addresses))
	for _, key := range keys {
		own[key] = ""
	}
	for i, a := range addresses {
		ours[i] = own.Has(a)
	}
	return ours, nil
}

// OwnAddresses returns the keys (conversation.AddressKey) of those of the addresses
// at which mail to us arrives: mailboxes', their aliases, and both with a detail.
//
// Errors: errs.Unavailable.
func (c *Conversation) OwnAddresses(ctx context.Context, addresses []string) ([]string, error) {
	own, err := ReadOwn(ctx, c.Tx, addresses)
	var ours []string
	for _, a := range addresses {
		if own.Has(a) {
			ours = append(ours, conversation.AddressKey(a))
		}
	}
	slices.Sort(ours)
	return slices.Compact(ours), pg.Classify("store.OwnAddresses", err)
}

// SaveAddresses writes by which addresses the mailbox is reached.
//
// Errors: errs.Conflict (another mailbox has one of them).
func SaveAddresses(ctx context.Context, tx pgx.Tx, m conversation.Mailbox) error {
	emails := append([]string{m.Email}, m.Mail.Aliases...)
	keys := make([]string, len(emails))
	for i, e := range emails {
		keys[i] = conversation.AddressKey(e)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mailbox_addresses WHERE mailbox_id = $1 AND email_key <> ALL ($2)`, m.ID, keys); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO mailbox_addresses (email_key, mailbox_id, email, alias)
		SELECT key, $1, email, place > 1 FROM unnest($2::text[], $3::text[]) WITH ORDINALITY a(key, email, place)
		ON CONFLICT (email_key) DO UPDATE SET email = excluded.email, alias = excluded.alias WHERE mailbox_addresses.mailbox_id = $1
		RETURNING email_key`, m.ID, keys, emails)
	if err != nil {
		return err
	}
	saved, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for i, key := range keys {
		if !slices.Contains(saved, key) {
			return errs.New("store.saveAddresses", errs.Conflict, "another mailbox has the address "+emails[i])
		}
	}
	return nil
}
