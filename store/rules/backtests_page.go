package rules

import (
	"context"
	"encoding/json"
	"time"

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

const (
	backtestPage = 50
	// backtestPageTime ends a page early: progress is seen, and a cancellation obeyed.
	backtestPageTime = 2 * time.Second
	// backtestRunsKept is how many runs of a backtest are kept; all are counted.
	backtestRunsKept = 10_000
)

// BacktestAsk asks one conversation what the versions would have done on it.
type BacktestAsk func(ctx context.Context, p engine.Past, q runs.BacktestQuestion) ([]runs.BacktestRun, error)

// RunBacktest continues with a backtest by one page, and returns it as it is then. One
// at its end is returned as it is. It is safe to repeat: a page counts once.
//
// Errors: errs.NotFound, errs.Unavailable, and those of ask.
func (s *Store) RunBacktest(ctx context.Context, id runs.BacktestID, ask BacktestAsk) (runs.Backtest, error) {
	const op = "store.RunBacktest"
	p := backtestWork{store: s, id: id}
	if err := s.db.ReadTx(ctx, op, func(tx pgx.Tx) error { return p.read(ctx, tx) }); err != nil {
		return runs.Backtest{}, err
	}
	if p.State.Final() {
		return p.Backtest, nil
	}
	began := time.Now()
	for _, conv := range p.ids {
		err := s.LookBack(ctx, access.System(), conv, p.DefinitionID, func(ctx context.Context, past engine.Past) error {
			found, err := ask(ctx, past, p.question)
			for i := range found {
				found[i].ConversationID = conv
			}
			p.found = append(p.found, found...)
			return err
		})
		if err != nil && !errs.Is(err, errs.NotFound) { // it was deleted permanently meanwhile
			return runs.Backtest{}, err
		}
		p.looked++
		if time.Since(began) > backtestPageTime {
			break
		}
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Backtest, error) {
		done := p
		err := done.write(ctx, tx)
		return done.Backtest, err
	})
}

// backtestWork is one page of a backtest.
type backtestWork struct {
	runs.Backtest
	store    *Store
	id       runs.BacktestID
	question runs.BacktestQuestion
	after    *string
	ids      []conversation.ID
	looked   int
	found    []runs.BacktestRun
}

// historic are the conversations that a backtest looks at: those that are in the
// mailbox or were, and began before its end. The table's alias is c; $2 is when they
// began at the earliest.
const historic = `(c.mailbox_id = $1 OR c.id IN (SELECT e.conversation_id FROM events e
	WHERE e.kind = 'moved' AND e.data ->> 'from' = $1::text))
	AND ($2::timestamptz IS NULL OR c.created_at >= $2) AND c.created_at <= $3`

// read reads how far the backtest is, and which conversations are next.
func (p *backtestWork) read(ctx context.Context, tx pgx.Tx) error {
	var (
		body, against []byte
		on            *time.Time
		err           error
	)
	p.Backtest, err = scanBacktest(tx.QueryRow(ctx, `SELECT `+backtestColumns+`, b.after_id::text, b.body, b.against_body, d.switched_on_at
		FROM backtests b JOIN definitions d ON d.id = b.definition_id WHERE b.id = $1`, p.id), &p.after, &body, &against, &on)
	if err != nil || p.State.Final() {
		return pg.NotFound("store.RunBacktest", "there is no such backtest", err)
	}
	p.question = runs.BacktestQuestion{From: p.From, Until: p.Until}
	if p.question.Tested, err = p.version(body, "tested", p.Version, on); err != nil {
		return err
	}
	if against != nil {
		other, err := p.version(against, "against", p.Against, on)
		if err != nil {
			return err
		}
		p.question.Against = &other
	}
	since := p.since()
	if p.Total < 0 {
		if err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE c.erased_at IS NULL), count(*) FILTER (WHERE c.erased_at IS NOT NULL)
			FROM conversations c WHERE `+historic, p.MailboxID, since, p.Until).Scan(&p.Total, &p.Erased); err != nil {
			return err
		}
	}
	rows, err := tx.Query(ctx, `SELECT c.id FROM conversations c WHERE `+historic+` AND c.erased_at IS NULL AND ($4::uuid IS NULL OR c.id > $4)
		ORDER BY c.id LIMIT $5`, p.MailboxID, since, p.Until, p.after, backtestPage)
	if err != nil {
		return err
	}
	p.ids, err = pgx.CollectRows(rows, pgx.RowTo[conversation.ID])
	return err
}

// version makes a version of what is kept; no published one has its id.
func (p *backtestWork) version(body []byte, side string, number int, on *time.Time) (automation.Version, error) {
	d, err := tables.DecodeBody(body)
	return automation.Version{
		ID: automation.VersionID(string(p.id) + " " + side), DefinitionID: p.DefinitionID, Number: number, MailboxID: p.MailboxID,
		Definition: d, SwitchedOnAt: pg.OrZero(on),
	}, err
}

// since is when a conversation must have begun for either version to look at it; nil:
// at any time.
func (p *backtestWork) since() *time.Time {
	q := p.question
	if q.Tested.Definition.ApplyToEarlier || q.Against != nil && q.Against.Definition.ApplyToEarlier {
		return nil
	}
	since := q.From
	if on := q.Tested.SwitchedOnAt; !on.IsZero() && on.Before(since) {
		since = on
	}
	return &since
}

// write counts the page, if nobody has.
func (p *backtestWork) write(ctx context.Context, tx pgx.Tx) error {
	now, err := p.store.db.Now(ctx, tx)
	if err != nil {
		return err
	}
	var state runs.BacktestState
	var kept int
	var after *string
	if err := tx.QueryRow(ctx, `SELECT state, after_id::text, (SELECT count(*) FROM backtest_runs WHERE backtest_id = $1)
		FROM backtests WHERE id = $1 FOR UPDATE`, p.id).Scan(&state, &after, &kept); err != nil {
		return pg.NotFound("store.RunBacktest", "there is no such backtest", err)
	}
	if state.Final() || pg.OrZero(after) != pg.OrZero(p.after) {
		p.State = state
		return nil
	}
	if err := insertBacktestRuns(ctx, tx, p.id, kept, p.found); err != nil {
		return err
	}
	p.count()
	p.UpdatedAt = now
	if p.looked == len(p.ids) && len(p.ids) < backtestPage {
		p.State, p.FinishedAt = runs.BacktestDone, now
		if _, err := tx.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, p.id); err != nil {
			return err
		}
	}
	if p.looked > 0 {
		last := string(p.ids[p.looked-1])
		p.after = &last
	}
	counts, err := json.Marshal(p.Counts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE backtests SET state = @state, after_id = @after_id, total = @total, looked = @looked,
		erased = @erased, runs = @runs, counts = @counts, updated_at = @updated_at, finished_at = @finished_at
		WHERE id = @id`, pgx.NamedArgs{
		"id":          p.id,
		"state":       p.State,
		"after_id":    p.after,
		"total":       p.Total,
		"looked":      p.Looked,
		"erased":      p.Erased,
		"runs":        p.Runs,
		"counts":      counts,
		"updated_at":  now,
		"finished_at": pg.NullTime(p.FinishedAt),
	})
	return err
}

// count adds the page to what was found before.
func (p *backtestWork) count() {
	p.Looked += p.looked
	if p.Counts == nil {
		p.Counts = map[runs.With]map[runs.BacktestOutcome]int{}
	}
	for _, r := range p.found {
		if p.Counts[r.With] == nil {
			p.Counts[r.With] = map[runs.BacktestOutcome]int{}
		}
		p.Counts[r.With][r.Outcome]++
		if r.With == runs.WithLive && r.Run != nil {
			p.Runs++
		}
	}
}

func insertBacktestRuns(ctx context.Context, tx pgx.Tx, id runs.BacktestID, kept int, found []runs.BacktestRun) error {
	var rows []map[string]any
	for i, r := range found {
		if kept+i >= backtestRunsKept {
			break
		}
		rows = append(rows, map[string]any{
			"id": pg.NewID(), "backtest_id": id, "conversation_id": r.ConversationID, "compared_with": r.With, "outcome": r.Outcome,
			"run": encodeBacktestRun(r.Run, false), "other": encodeBacktestRun(r.Other, r.With == runs.WithLive), "saw_later": r.SawLater,
		})
	}
	return pg.InsertRows(ctx, tx, "backtest_runs", rows)
}
