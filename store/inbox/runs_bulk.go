package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// AskRuns is AskRun for each of several conversations, each all or nothing by
// itself. The outcomes are in the order of the conversations; only an error that
// waiting can heal ends it early, and a repeat with the same key then continues
// where it ended. The repeat of a request with a key returns the same runs and the
// same refusals.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Conflict (automation.ErrUnconfirmed; the key), errs.Unavailable.
func (s *Store) AskRuns(ctx context.Context, who access.Caller, ids []conversation.ID, ask automation.Ask) ([]runs.Asked, error) {
	const op = "store.AskRuns"
	refused, err := s.beginBulk(ctx, op, who, ids, ask)
	if err != nil {
		return nil, err
	}
	out := make([]runs.Asked, len(ids))
	for i, id := range ids {
		out[i] = runs.Asked{ConversationID: id, Err: refused[id]}
		if out[i].Err != nil {
			continue
		}
		one := who
		if who.Key != "" {
			one.Key = bulkKey(who.Key, id)
		}
		out[i].Run, err = s.AskRun(ctx, one, id, ask)
		if errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Internal) {
			return nil, err
		}
		if out[i].Err = err; err != nil {
			if err := s.keepRefusal(ctx, op, one, id, err); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// bulkKey is the key of one conversation's part of a request.
func bulkKey(key string, id conversation.ID) string { return key + "/" + string(id) }

// beginBulk looks whether the workflow may be asked for at all, and returns what
// the request was refused for when it came first.
func (s *Store) beginBulk(ctx context.Context, op string, who access.Caller, ids []conversation.ID,
	ask automation.Ask) (map[conversation.ID]error, error) {
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (map[conversation.ID]error, error) {
		var refused map[conversation.ID]error
		if err := tables.SeesDefinition(ctx, tx, op, who, ask.DefinitionID); err != nil {
			return refused, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return refused, err
		}
		first, err := pg.Once(ctx, tx, who, string(ask.DefinitionID), now)
		if err != nil {
			return refused, err
		}
		if first != "" {
			refused, err = readRefusals(ctx, tx, op, who, ids)
			return refused, err
		}
		d, err := tables.ReadDefinition(ctx, tx, op, ask.DefinitionID)
		if err != nil || d.Version == 0 {
			return refused, err
		}
		v, err := tables.ReadVersion(ctx, tx, op, d.ID, d.Version)
		if err != nil {
			return refused, err
		}
		return refused, engine.Confirmed(ctx, tx, op, v.Body, ask)
	})
}

// refusedStatus marks a key under which something was refused; what is kept with
// it is a refusal, not the id of what was made.
const refusedStatus = 409

// refusal is how a refusal is kept.
type refusal struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// refusalKinds are the kinds of error that a refusal may be of, by their names.
var refusalKinds = map[string]errs.Kind{
	errs.Invalid.String(): errs.Invalid, errs.NotFound.String(): errs.NotFound, errs.Conflict.String(): errs.Conflict,
	errs.Forbidden.String(): errs.Forbidden,
}

// keepRefusal keeps why a conversation was refused, for the repeat of the request.
// What must be confirmed is asked again, and what cannot be an id never becomes
// one.
func (s *Store) keepRefusal(ctx context.Context, op string, who access.Caller, id conversation.ID, reason error) error {
	if !pg.Keyed(who) || !pg.IsID(id) || errors.Is(reason, automation.ErrUnconfirmed) {
		return nil
	}
	body, err := json.Marshal(refusal{errs.KindOf(reason).String(), errs.Message(reason)})
	if err != nil {
		return pg.Classify(op, err)
	}
	_, err = s.db.Pool.Exec(ctx, `INSERT INTO idempotency_keys (token_id, session_id, key, request_hash, status, body, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::interval) ON CONFLICT DO NOTHING`,
		pg.NullID(who.TokenID), pg.NullID(who.SessionID), who.Key, who.RequestHash, refusedStatus, body, s.db.Offset())
	return pg.Classify(op, err)
}

// readRefusals reads what keepRefusal kept for the request.
func readRefusals(ctx context.Context, tx pgx.Tx, op string, who access.Caller, ids []conversation.ID) (map[conversation.ID]error, error) {
	of := make(map[string]conversation.ID, len(ids))
	for _, id := range ids {
		of[bulkKey(who.Key, id)] = id
	}
	rows, err := tx.Query(ctx, `SELECT key, body FROM idempotency_keys WHERE (token_id = $1 OR session_id = $2) AND key = ANY($3::text[])
		AND request_hash = $4 AND status = $5`,
		pg.NullID(who.TokenID), pg.NullID(who.SessionID), slices.Collect(maps.Keys(of)), who.RequestHash, refusedStatus)
	if err != nil {
		return nil, err
	}
	out := map[conversation.ID]error{}
	var key string
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &body}, func() error {
		var r refusal
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		out[of[key]] = errs.New(op, refusalKinds[r.Kind], r.Message)
		return nil
	})
	return out, err
}
