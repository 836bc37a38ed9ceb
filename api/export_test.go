package api

import (
	"context"
	"log/slog"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// Awaiting is how requests wait for runs.
type Awaiting struct{ *awaiting }

// NewAwaiting looks for ended runs by the function.
func NewAwaiting(look func(context.Context, []automation.RunID) ([]runs.Run, error), logger *slog.Logger) Awaiting {
	return Awaiting{newAwaiting(looks(look), logger)}
}

type looks func(context.Context, []automation.RunID) ([]runs.Run, error)

func (l looks) EndedRuns(ctx context.Context, ids []automation.RunID) ([]runs.Run, error) {
	return l(ctx, ids)
}

// Await is what a request does.
func (a Awaiting) Await(ctx context.Context, ids []automation.RunID, limit time.Duration) map[automation.RunID]runs.Run {
	return a.await(ctx, ids, limit)
}

// End is what a server does that is about to stop.
func (a Awaiting) End() { a.end() }

// The bounds of waiting.
const (
	AwaitPause = awaitPause
	MaxAwaited = maxAwaited
)

// Routes returns what Gin serves and what the table declares, as "GET /v1/users/:id";
// the declared ones with whether they are open.
func Routes(cfg Config) (served []string, declared map[string]bool) {
	engine, s := build(cfg)
	for _, r := range engine.Routes() {
		served = append(served, r.Method+" "+r.Path)
	}
	declared = map[string]bool{}
	for key, r := range s.table {
		declared[key] = r.verb == open
	}
	return served, declared
}

// Verbs returns the verb that each route declares, by "GET /v1/users/:id"; open
// ones have the verb open.
func Verbs(cfg Config) map[string]access.Verb {
	_, s := build(cfg)
	verbs := map[string]access.Verb{}
	for key, r := range s.table {
		verbs[key] = r.verb
	}
	return verbs
}

// Matching returns the routes that take If-Match, and those that show an ETag.
func Matching(cfg Config) (matches, shows []string) {
	_, s := build(cfg)
	for key, r := range s.table {
		if r.matches {
			matches = append(matches, key)
		}
		if r.current != nil {
			shows = append(shows, key)
		}
	}
	return matches, shows
}
