package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// How a search goes. Of a word that many conversations have, a page is found among the
// first ones of the list; of one that few have, by the index of words. Which it is shows
// in the first ones.
const (
	// farWalk is how many conversations are looked at before the index is asked.
	farWalk = 2000
	// sparse is how many are looked at for each hit at most before the index is asked.
	sparse = 20
	// longStep is how many are looked at in one statement at most.
	longStep = 1000
	// manyHits is how many hits are sorted at most. Where there are more, a page is found
	// soon by walking on; where it is not, as of a word that was common long ago, five
	// times as many are looked at and then ten times as many hits sorted.
	manyHits = 20_000
	// sampled is of how many it is seen which words are common.
	sampled = 50
)

// hit is a conversation in the order of a list.
type hit struct {
	id    conversation.ID
	at    time.Time
	words bool // it has them
}

// search reads the page of what the listing lets through and has all the words.
func (l *listing) search(ctx context.Context, tx pgx.Tx, who access.Caller, f conversation.Filter, page conversation.Page,
	out *[]conversation.Record) error {
	var mailboxes []string // nil: all
	switch {
	case f.MailboxID != "":
		mailboxes = []string{string(f.MailboxID)}
	case !who.All():
		mailboxes = pg.List(pg.MailboxIDs(who))
	}
	var ids []string
	looked, far, most, from := 0, farWalk, manyHits, page
	for step := page.Limit; ; step = min(4*step, max(longStep, page.Limit)) {
		near, err := l.near(ctx, tx, f.Words, from, step)
		if err != nil {
			return err
		}
		for _, h := range near {
			if h.words && len(ids) < page.Limit {
				ids = append(ids, string(h.id))
			}
		}
		if len(ids) == page.Limit || len(near) < step {
			break
		}
		if looked += len(near); looked >= far || most == manyHits && len(ids)*sparse < looked {
			all, few, err := l.hits(ctx, tx, f.Words, mailboxes, near, most, page)
			if err != nil {
				return err
			}
			if few {
				ids = all
				break
			}
			far, most = 5*max(looked, farWalk), 10*most
		}
		last := near[len(near)-1]
		from.After, from.AfterAt = string(last.id), last.at
	}
	if len(ids) == 0 {
		return nil
	}
	shown := &listing{order: l.order, args: []any{ids}}
	return shown.query(ctx, tx, shown.records("SELECT unnest($1::uuid[]) AS id"), out)
}

// with is a listing with more conditions and arguments, which l does not get.
func (l *listing) with(page conversation.Page) *listing {
	more := *l
	more.conditions, more.args = slices.Clone(l.conditions), slices.Clone(l.args)
	more.after(page)
	return &more
}

// near looks at the first conversations after the last one of the page before: which of
// them have the words.
func (l *listing) near(ctx context.Context, tx pgx.Tx, words string, page conversation.Page, limit int) ([]hit, error) {
	l = l.with(page)
	found := l.found(limit)
	rows, err := tx.Query(ctx, `WITH asked AS MATERIALIZED (SELECT `+allTerms(l.arg(words))+` AS words)
		SELECT p.id, p.`+l.column+`, EXISTS (SELECT FROM conversation_words w WHERE w.conversation_id = p.id AND
			w.words @@ (SELECT words FROM asked) OFFSET 0)
		FROM (`+found+`) p`+l.by("p"), append([]any{pgx.QueryExecModeCacheDescribe}, l.args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (h hit, err error) { return h, r.Scan(&h.id, &h.at, &h.words) })
}

// allTerms asks for all of the words; NULL: there is none.
func allTerms(words string) string {
	return `(SELECT string_agg(term, ' & ')::tsquery FROM search_terms(` + words + `) term)`
}

// hits finds the page by the index of words, in the mailboxes; few is false where more than
// atMost have them. The index is asked for the words that less than half of the near ones
// have: to gather all that have a common word costs more than to look at who has the others.
func (l *listing) hits(ctx context.Context, tx pgx.Tx, words string, mailboxes []string, near []hit, atMost int, page conversation.Page) (
	ids []string, few bool, err error,
) {
	l = l.with(page)
	asked, most := l.arg(words), l.arg(atMost)
	sample := make([]string, 0, sampled)
	for _, h := range near[:min(len(near), sampled)] {
		sample = append(sample, string(h.id))
	}
	conditions := l.conditions
	if l.mailboxes != "" {
		conditions = append(conditions, "c.mailbox_id IN ("+l.mailboxes+")")
	}
	// OFFSET 0 keeps each a look-up of one conversation.
	rows, err := tx.Query(ctx, `WITH asked AS MATERIALIZED (SELECT `+allTerms(asked)+` AS words),
		sample AS MATERIALIZED (SELECT words FROM conversation_words WHERE conversation_id = ANY(`+l.arg(sample)+`::uuid[])),
		telling AS MATERIALIZED (SELECT string_agg(term, ' & ')::tsquery AS words FROM search_terms(`+asked+`) term
			WHERE (SELECT count(*) FROM sample s WHERE s.words @@ term::tsquery) < `+l.arg((len(sample)+1)/2)+`),
		candidates AS MATERIALIZED (SELECT conversation_id AS id, words FROM conversation_words
			WHERE words @@ (SELECT in_mailboxes(coalesce(telling.words, asked.words), `+l.arg(mailboxes)+`::uuid[]) FROM telling, asked) LIMIT `+
		most+` + 1),
		hits AS MATERIALIZED (SELECT DISTINCT id FROM candidates WHERE (SELECT telling.words = asked.words FROM telling, asked)
			OR words @@ (SELECT words FROM asked)),
		n AS (SELECT count(*) <= `+most+` AS few FROM candidates)
		SELECT n.few, p.id FROM n LEFT JOIN LATERAL (
			SELECT c.id, c.`+l.column+` FROM hits h CROSS JOIN LATERAL (
				SELECT c.id, c.`+l.column+` FROM conversations c WHERE c.id = h.id AND `+strings.Join(conditions, " AND ")+` OFFSET 0) c
			WHERE n.few`+l.by("c")+` LIMIT `+l.arg(page.Limit)+`) p ON true`+l.by("p"), append([]any{pgx.QueryExecModeCacheDescribe}, l.args...)...)
	if err != nil {
		return nil, false, err
	}
	var id *string
	_, err = pgx.ForEachRow(rows, []any{&few, &id}, func() error {
		if id != nil {
			ids = append(ids, *id)
		}
		return nil
	})
	return ids, few, err
}
