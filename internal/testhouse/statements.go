package testhouse

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Statement is what was asked of the database.
type Statement struct {
	SQL  string
	Args []any
}

// Statements sees what a store asks of the database, and counts the commits: of
// transactions, and of statements of their own that write. It implements pgx.QueryTracer
// and pgx.BatchTracer.
type Statements struct {
	mu      sync.Mutex
	list    []Statement
	commits int
}

// Take returns what was asked since the last Take.
func (s *Statements) Take() []Statement {
	list, _ := s.take()
	return list
}

// TakeWork returns what was asked since the last Take, with one space between its words,
// but for the beginning and end of transactions, the starter's wake-up, which is one for
// many mails, and a connection's role; and how many commits there were.
func (s *Statements) TakeWork() (texts []string, commits int) {
	list, commits := s.take()
	for _, asked := range list {
		text := strings.Join(strings.Fields(asked.SQL), " ")
		if !slices.ContainsFunc(overhead, func(begin string) bool { return strings.HasPrefix(strings.ToLower(text), begin) }) {
			texts = append(texts, text)
		}
	}
	return texts, commits
}

// overhead is how statements begin that are no work.
var overhead = []string{"begin", "commit", "rollback", "select pg_notify", "select set_config('role'"}

func (s *Statements) take() (list []Statement, commits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, commits = s.list, s.commits
	s.list, s.commits = nil, 0
	return list, commits
}

var writes = regexp.MustCompile(`\b(INSERT INTO|UPDATE \w+|DELETE FROM)\b`)

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	alone := conn.PgConn().TxStatus() == 'I'
	s.add(data.SQL, data.Args, strings.EqualFold(data.SQL, "commit") || alone && writes.MatchString(data.SQL))
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (s *Statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (s *Statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	s.add(data.SQL, data.Args, false)
}

// TraceBatchEnd implements pgx.BatchTracer.
func (s *Statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *Statements) add(sql string, args []any, commits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, Statement{sql, args})
	if commits {
		s.commits++
	}
}
