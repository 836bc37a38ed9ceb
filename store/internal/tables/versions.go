package tables

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// EncodeBody is how a draft or a version is kept.
func EncodeBody(d automation.Definition) ([]byte, error) { return json.Marshal(automation.Encode(d)) }

// ScanVersion reads a version; a body that was not sent is one of those known.
func ScanVersion(row pgx.CollectableRow, known map[automation.VersionID]automation.Definition, more ...any) (automation.Version, error) {
	var (
		v         automation.Version
		on, watch *time.Time
		body      []byte
	)
	into := []any{&v.ID, &v.DefinitionID, &v.Number, &v.MailboxID, &v.Position, &v.Mode, &v.Paused, &on, &watch, &body}
	if err := row.Scan(append(into, more...)...); err != nil {
		return v, err
	}
	v.SwitchedOnAt, v.SwitchedWatchAt = pg.OrZero(on), pg.OrZero(watch)
	if body == nil {
		v.Definition = known[v.ID]
		return v, nil
	}
	var err error
	// Where workflows run nobody looks at their tests, and none may stand in the way.
	if v.Definition, err = DecodeBody(body, "tests"); err != nil {
		v.Definition = nameOnly(body)
		return v, errs.Wrap("store.Versions", errs.Invalid, "this build cannot read the published version", errors.Join(ErrUnreadable, err))
	}
	return v, nil
}

// ErrUnreadable is in the chain of the error for a version that was published by
// another build and that this one cannot read.
var ErrUnreadable = errors.New("the version cannot be read")

// IsUnreadable reports whether it is what nameOnly leaves of a definition.
func IsUnreadable(d automation.Definition) bool { return len(d.Conditions) == 0 && len(d.Actions) == 0 }

// nameOnly is what is left of a definition that cannot be read.
func nameOnly(body []byte) automation.Definition {
	var d struct {
		Name string          `json:"name"`
		Type automation.Type `json:"type"`
	}
	if json.Unmarshal(body, &d) != nil || d.Type == "" {
		d.Type = automation.TypeAutomatic
	}
	return automation.Definition{Name: d.Name, Type: d.Type}
}

// DecodeBody reads the body of a version or draft, without the keys to ignore.
func DecodeBody(body []byte, ignore ...string) (automation.Definition, error) {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return automation.Definition{}, err
	}
	d, problems := automation.Decode(tree, ignore...)
	if len(problems) > 0 {
		return d, errors.New("a stored definition cannot be read: " + problems[0].Path + ": " + problems[0].Message)
	}
	return d, nil
}

// VersionQuery reads what scanVersion expects; a WHERE clause follows.
const VersionQuery = `SELECT v.id, v.definition_id, f.mailbox_id, v.number, v.body, v.author_id, v.created_at
	FROM versions v JOIN definitions f ON f.id = v.definition_id `

// ScanPublished reads a row of VersionQuery.
func ScanPublished(row pgx.CollectableRow) (automation.Published, error) {
	var (
		v    automation.Published
		body []byte
	)
	err := row.Scan(&v.ID, &v.DefinitionID, &v.MailboxID, &v.Number, &body, &v.AuthorID, &v.CreatedAt)
	if err != nil {
		return v, err
	}
	v.Body, err = DecodeBody(body)
	return v, err
}

// ReadVersion reads a published version by its number.
//
// Errors: errs.NotFound.
func ReadVersion(ctx context.Context, tx pgx.Tx, op string, id automation.DefinitionID, number int) (automation.Published, error) {
	missing := "there is no version " + strconv.Itoa(number)
	if !pg.IsID(id) || number < 1 || number > maxVersionNumber {
		return automation.Published{}, pg.NotFound(op, missing, pgx.ErrNoRows)
	}
	rows, err := tx.Query(ctx, VersionQuery+`WHERE v.definition_id = $1 AND v.number = $2`, id, number)
	if err != nil {
		return automation.Published{}, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, ScanPublished)
	return v, pg.NotFound(op, missing, err)
}

// maxVersionNumber is what the column can hold.
const maxVersionNumber = 1<<31 - 1

// SeesDefinition reports whether there is such a definition, deleted or not, that
// the caller may read.
func SeesDefinition(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id automation.DefinitionID) error {
	const missing = "there is no such workflow"
	if !pg.IsID(id) {
		return pg.NotFound(op, missing, pgx.ErrNoRows)
	}
	var mailbox conversation.MailboxID
	if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM definitions WHERE id = $1`, id).Scan(&mailbox); err != nil {
		return pg.NotFound(op, missing, err)
	}
	return who.In(access.ReadWorkflow, mailbox)
}
