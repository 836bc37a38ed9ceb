package pg

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/pgdial"
)

// ConstraintMessages says what a broken constraint means to the caller, by the
// constraint's name. One that is not listed is a bug of ours.
var ConstraintMessages = map[string]struct {
	kind    errs.Kind
	Message string
}{
	"mailboxes_email_key":                 {errs.Conflict, "another mailbox has this address"},
	"mailboxes_workflow_user_name_length": {errs.Invalid, "the Workflow user's name may have at most 20 characters"},
	"mailbox_addresses_pkey":              {errs.Conflict, "another mailbox has this address"},
	"users_email_key":                     {errs.Conflict, "another user has this address"},
	"definitions_name":                    {errs.Conflict, "another workflow of this mailbox has this name"},
	"fields_name":                         {errs.Conflict, "another field of this mailbox has this name"},
	"folders_name":                        {errs.Conflict, "another folder of this mailbox has this name"},
	"runs_undone_once":                    {errs.Conflict, "this run is undone already"},
	"conversations_assignee":              {errs.Invalid, "there is no such user"},
	"conversations_mailbox_id_fkey":       {errs.Invalid, "there is no such mailbox"},
	"endpoints_name":                      {errs.Conflict, "another webhook endpoint has this name"},
	"endpoints_mailbox_id_fkey":           {errs.Invalid, "there is no such mailbox"},
	"customer_emails_pkey":                {errs.Conflict, "another customer has this address"},
}

// Classify gives a database error its kind. Errors that have one keep it.
func Classify(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *errs.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.Wrap(op, errs.NotFound, "not found", err)
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		if c, ok := ConstraintMessages[pe.ConstraintName]; ok {
			return errs.Wrap(op, c.kind, c.Message, bare(pe))
		}
		if unstorable(pe.Code) {
			return errs.Wrap(op, errs.Invalid, "this holds a text that cannot be stored: a character with the code 0, or far too long a word",
				bare(pe))
		}
		if waitable(pe.Code) {
			return errs.Wrap(op, errs.Unavailable, "the database cannot do this now, try again", bare(pe))
		}
		return errs.Wrap(op, errs.Internal, "", bare(pe))
	}
	var ne net.Error
	var ce *pgconn.ConnectError
	var silent *pgdial.SilentError
	if errors.As(err, &ne) || errors.As(err, &ce) || errors.As(err, &silent) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled) || pgconn.SafeToRetry(err) || connectionLost(err) {
		return errs.Wrap(op, errs.Unavailable, "the database does not answer, try again", err)
	}
	return errs.Wrap(op, errs.Internal, "", err)
}

// bare keeps what tells a developer what went wrong and drops Detail and Where,
// which quote the row, and so a customer's words; the message too where it quotes
// a value (class 22).
func bare(pe *pgconn.PgError) error {
	message := pe.Message
	if strings.HasPrefix(pe.Code, "22") {
		message = "data exception"
	}
	return &pgconn.PgError{
		Severity: pe.Severity, Code: pe.Code, Message: message, SchemaName: pe.SchemaName,
		TableName: pe.TableName, ColumnName: pe.ColumnName, ConstraintName: pe.ConstraintName,
	}
}

// unstorable reports whether the SQLSTATE is about a text that no repeat can store:
// one that is not UTF-8 or holds a NUL (22021, in JSON 22P05), or too long for an
// index (54000).
func unstorable(code string) bool { return code == "22021" || code == "22P05" || code == "54000" }

// waitable reports whether waiting can heal the SQLSTATE: connection (08), lost
// transaction (40), resources such as a full disk (53), lock and shutdown (55,
// 57), I/O (58), a server that came back read-only (25006).
func waitable(code string) bool {
	switch code[:2] {
	case "08", "40", "53", "55", "57", "58":
		return true
	}
	return code == "25006"
}

// repeatable reports whether the transaction may be repeated at once: after a
// deadlock, a failed serialization, or when somebody else stored the same mail
// first, which the repeat then finds.
func repeatable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40P01" || pe.Code == "40001" || pe.ConstraintName == "raw_mails_once" ||
		pe.ConstraintName == "raw_mails_identity")
}

// connectionLost recognises what pgx reports without a type of its own when the
// server goes away in the middle of a statement.
func connectionLost(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "conn closed") || strings.Contains(text, "unexpected EOF") || strings.Contains(text, "closed pool")
}

// Invalid is an error of kind errs.Invalid with a message for the caller.
func Invalid(op, message string, cause error) error {
	return errs.Wrap(op, errs.Invalid, message, cause)
}

// NoSuchMailbox is the message for a mailbox that there is not, or that the caller does not see.
const NoSuchMailbox = "there is no such mailbox"

// NotFound gives a row that is not there a message for the caller.
func NotFound(op, message string, err error) error {
	if errs.Is(Classify(op, err), errs.NotFound) {
		return errs.Wrap(op, errs.NotFound, message, err)
	}
	return err
}

// IsNoRows reports whether a query of one row found none.
func IsNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
