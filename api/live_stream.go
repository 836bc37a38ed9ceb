package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
)

// liveRetry is how long a client waits before it connects again.
const liveRetry = 2 * time.Second

// frame is one message of a stream. Its id is the position after it, for
// Last-Event-ID.
type frame struct {
	event, id string
	data      any
}

// source is what a stream tells. A source remembers how far it has come.
type source interface {
	// next returns what is new, and whether there is more at once.
	next(ctx context.Context, who access.Caller) (list []frame, more bool, err error)
	// position is the id of what was told last.
	position() string
}

// LiveInput is what every stream takes.
type LiveInput struct {
	ByID
	After       string `query:"after" maxLength:"100" doc:"Begin after the message with this id. Without it: with what comes from now on."`
	LastEventID string `header:"Last-Event-ID" maxLength:"100" doc:"The same, sent by clients that connect again."`
	Seconds     int    `query:"seconds" minimum:"0" maximum:"86400" default:"3600" doc:"End after so many seconds; 0: after what there is already."`
}

// after is where to begin, empty for from now on.
func (in LiveInput) after() string {
	if in.LastEventID != "" {
		return in.LastEventID
	}
	return in.After
}

// opener finds what to stream; what it refuses is answered like in any other route.
type opener func(ctx context.Context, who access.Caller, in *LiveInput) (*subscriber, source, error)

// stream is a route that answers with server-sent events (WHATWG HTML, 9.2).
func (s *server) stream(path string, verb access.Verb, summary string, open opener) route {
	answers := describesText("text/event-stream", "A stream of server-sent events; see docs/api.md.")
	r := serves(http.MethodGet, path, verb, summary, answers, func(c *gin.Context, in *LiveInput) error {
		ctx := c.Request.Context()
		who := callerFrom(ctx)
		sub, from, err := open(ctx, who, in)
		if err != nil {
			return err
		}
		sub.who, sub.again = who, againFrom(ctx)
		if err := s.live.subscribe(sub); err != nil {
			return err
		}
		defer s.live.leave(sub)
		s.live.serve(c, sub, from, time.Duration(in.Seconds)*time.Second)
		return nil
	})
	r.idle = true
	return r
}

func tooManyStreams(most int) error {
	return tooMany(10*time.Second, fmt.Sprintf("this token has %d live streams open, which is the most: close one", most))
}

// serve writes the stream until something ends it: its reader, who must not read any
// more, the time, or this process.
func (h *hub) serve(out *gin.Context, sub *subscriber, from source, limit time.Duration) {
	ctx, w := out.Request.Context(), out.Writer
	out.Header("Content-Type", "text/event-stream")
	out.Header("X-Accel-Buffering", "no") // for proxies that would hold it back
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // there is nothing more to read
	send := func(text []byte) bool {
		_ = c.SetWriteDeadline(time.Now().Add(h.Patience))
		if _, err := w.Write(text); err != nil {
			return false // it went, or is too slow
		}
		return c.Flush() == nil
	}
	if !send(fmt.Appendf(nil, "retry: %d\nid: %s\n\n", liveRetry.Milliseconds(), from.position())) {
		return
	}
	beat, over := time.NewTicker(h.Beat), time.NewTimer(limit)
	defer beat.Stop()
	defer over.Stop()
	for {
		if !h.drain(ctx, sub, from, send) {
			return
		}
		if limit == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-sub.done:
			send(ending(h.why(sub)))
			return
		case <-over.C:
			send(ending(endTime))
			return
		case <-beat.C:
			if !send([]byte(":\n\n")) {
				return
			}
		case <-sub.news:
		}
	}
}

// drain sends all that is new, a page at a time. It answers whether the stream goes
// on.
func (h *hub) drain(ctx context.Context, sub *subscriber, from source, send func([]byte) bool) bool {
	for more := true; more; {
		select {
		case <-sub.done: // seen by who called
			return true
		default:
		}
		var list []frame
		var err error
		list, more, err = from.next(ctx, h.caller(sub))
		switch {
		case err == nil:
		case errs.Is(err, errs.NotFound):
			send(ending(endGone))
			return false
		case errs.Is(err, errs.Unavailable):
			h.again(sub)
			return ctx.Err() == nil
		default:
			loggerFrom(ctx).ErrorContext(ctx, "a live stream failed", "error", err)
			return false
		}
		for _, f := range list {
			text, err := f.text()
			if err != nil {
				loggerFrom(ctx).ErrorContext(ctx, "a live stream failed", "error", err)
				return false
			}
			if !send(text) {
				return false
			}
		}
	}
	return true
}

// again lets the next look tell the stream once more.
func (h *hub) again(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	sub.seen = nil
}

// text writes the message: JSON has no line breaks, so that its data is one line.
func (f frame) text() ([]byte, error) {
	var data bytes.Buffer
	if err := writeJSON(&data, f.data); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "event: %s\nid: %s\ndata: %s\n\n", f.event, f.id, bytes.TrimSpace(data.Bytes())), nil
}

// ending says why the stream ends. It has no id: the position stays.
func ending(reason string) []byte {
	return fmt.Appendf(nil, "event: end\ndata: {\"reason\":%q}\n\n", reason)
}

type againKey struct{}

// againFrom returns by what to authenticate the request again.
func againFrom(ctx context.Context) func(context.Context) (access.Caller, error) {
	again, _ := ctx.Value(againKey{}).(func(context.Context) (access.Caller, error))
	return again
}
