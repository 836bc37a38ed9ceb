package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// waitParameter is left out of what makes a request the repeat of another.
const waitParameter = "wait"

// WaitInput lets a caller wait for what is done later.
type WaitInput struct {
	Wait string `query:"wait" default:"0s" doc:"Wait so long for the end, at most 30s, and answer 200 with it; 202 when it is not over by then." example:"5s"`
}

func (in WaitInput) limit() (time.Duration, error) {
	limit, err := time.ParseDuration(in.Wait)
	if err != nil || limit < 0 || limit > longestWait {
		return 0, invalid("query."+waitParameter, "this must be a duration of at most 30s, as in 5s")
	}
	return limit, nil
}

// askAndWait is an ask whose caller may wait: it answers 200 with what has ended,
// else 202.
func askAndWait[I, B any](path string, verb access.Verb, summary string,
	h func(ctx context.Context, who access.Caller, in *I) (B, bool, error),
) route {
	answers := describesBody(reflect.TypeFor[B](), http.StatusAccepted, http.StatusOK)
	return serves(http.MethodPost, path, verb, summary, answers,
		func(c *gin.Context, in *I) error {
			body, ended, err := h(c.Request.Context(), callerFrom(c.Request.Context()), in)
			status := http.StatusAccepted
			if ended {
				status = http.StatusOK
			}
			return answer(c, status, body, err, false)
		})
}

// wait waits until the runs that were asked for have ended and puts them in their
// place. It reports whether all have; without a limit nobody waits.
func (h runList) wait(ctx context.Context, list []runs.Asked, limit time.Duration) bool {
	var ids []automation.RunID
	for _, a := range list {
		if a.Err == nil && a.Run.State == automation.RunAsked {
			ids = append(ids, a.Run.ID)
		}
	}
	ended := h.awaiting.await(ctx, ids, limit)
	for i, a := range list {
		if r, ok := ended[a.Run.ID]; ok && a.Err == nil {
			list[i].Run = r
		}
	}
	return limit > 0 && len(ended) == len(ids)
}
