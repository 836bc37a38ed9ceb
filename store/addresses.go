package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// keysOf are the keys by which an address may be ours: its own, and that of the
// address without its detail (RFC 5233), as in support+order@example.com.
func keysOf(address string) []string {
	key := conversation.AddressKey(address)
	if whole, ok := withoutDetail(key); ok {
		return []string{key, whole}
	}
	return []string{key}
}

func withoutDetail(key string) (string, bool) {
	at := strings.LastIndexByte(key, '@')
	if plus := strings.IndexByte(key, '+'); plus > 0 && plus < at {
		return key[:plus] + key[at:], true
	}
	return "", false
}

// ownKeys are those of some addresses' keys that are ours, each with its mailbox.
type ownKeys map[string]conversation.MailboxID

// mailbox returns the mailbox that the address belongs to; one of that very
// address goes before the one whose address it is with a detail.
func (o ownKeys) mailbox(address string) (conversation.MailboxID, bool) {
	for _, key := range keysOf(address) {
		if id, ok := o[key]; ok {
			return id, true
		}
	}
	return "", false
}

// has tells whether the address is ours.
func (o ownKeys) has(address string) bool {
	_, ok := o.mailbox(address)
	return ok
}

// readOwn reads which of the addresses are ours.
func readOwn(ctx context.Context, q querier, addresses []string) (ownKeys, error) {
	var keys []string
	for _, a := range addresses {
		keys = append(keys, keysOf(a)...)
	}
	rows, err := q.Query(ctx, `SELECT email_key, mailbox_id FROM mailbox_addresses WHERE email_key = ANY ($1)`, list(keys))
	if err != nil {
		return nil, err
	}
	own := ownKeys{}
	var key string
	var mailbox conversation.MailboxID
	_, err = pgx.ForEachRow(rows, []any{&key, &mailbox}, func() error { own[key] = mailbox; return nil })
	return own, err
}

// HasMailbox tells whether mail to the address is ours to take.
//
// Errors: errs.Unavailable.
func (s *Store) HasMailbox(ctx context.Context, address string) (bool, error) {
	own, err := readOwn(ctx, s.pool, []string{address})
	return own.has(address), classify("store.HasMailbox", err)
}

// OwnAddresses returns the keys (conversation.AddressKey) of those of the addresses
// at which mail to us arrives: mailboxes', their aliases, and both with a detail.
//
// Errors: errs.Unavailable.
func (c *Conversation) OwnAddresses(ctx context.Context, addresses []string) ([]string, error) {
	own, err := readOwn(ctx, c.tx, addresses)
	var ours []string
	for _, a := range addresses {
		if own.has(a) {
			ours = append(ours, conversation.AddressKey(a))
		}
	}
	slices.Sort(ours)
	return slices.Compact(ours), classify("store.OwnAddresses", err)
}

// readdress makes the mailbox's address, which had the key was, the one that it is
// reached by first; the one before stays an alias.
func readdress(ctx context.Context, tx pgx.Tx, m conversation.Mailbox, was string) error {
	key := conversation.AddressKey(m.Email)
	if key == was {
		_, err := tx.Exec(ctx, `UPDATE mailbox_addresses SET email = $2 WHERE email_key = $1`, key, m.Email)
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE mailbox_addresses SET alias = true WHERE mailbox_id = $1`, m.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mailbox_addresses WHERE email_key = $1 AND mailbox_id = $2`, key, m.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO mailbox_addresses (email_key, mailbox_id, email, alias) VALUES ($1, $2, $3, false)`, key, m.ID, m.Email)
	return err
}
