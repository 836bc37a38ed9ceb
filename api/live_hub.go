package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// liveStore says what is new.
type liveStore interface {
	Progress(ctx context.Context, ids []conversation.ID) ([]conversation.Progress, error)
	NewestRuns(ctx context.Context, mailboxes []conversation.MailboxID) (map[conversation.MailboxID]runs.Position, error)
	RunsNow(ctx context.Context) (runs.Position, error)
	RunsEnded(ctx context.Context, mailbox conversation.MailboxID, after runs.Position, limit int) ([]runs.Ended, error)
	// Listen calls wake when something may be new, until ctx is done or it fails.
	Listen(ctx context.Context, wake func()) error
}

// Live bounds the streams. Zero means the default.
type Live struct {
	// Streams is how many streams one token may have at once in this process: 20.
	Streams int
	// Look is how often it is looked for what is new: half a second. It is also how
	// often rights are checked again.
	Look time.Duration
	// Beat is how often a stream without news shows that it is there: 15 seconds.
	Beat time.Duration
	// Patience is how long one write to a reader may take: 10 seconds.
	Patience time.Duration
}

func (l Live) orDefault() Live {
	if l.Streams == 0 {
		l.Streams = 20
	}
	for p, d := range map[*time.Duration]time.Duration{&l.Look: 500 * time.Millisecond, &l.Beat: 15 * time.Second,
		&l.Patience: 10 * time.Second} {
		if *p == 0 {
			*p = d
		}
	}
	return l
}

// Why a stream ends by itself.
const (
	endGone   = "gone"          // what it follows is no longer there, or not for this caller
	endRights = "unauthorized"  // the token is not valid any longer
	endDown   = "shutting_down" // this process ends: connect again
	endTime   = "time"          // it was asked to end by now: connect again
)

// subscriber is one stream. It reads for itself, from its own position, when it is
// told that something is new: nothing is kept for one that is slow.
type subscriber struct {
	conversation conversation.ID // or
	mailbox      conversation.MailboxID
	again        func(context.Context) (access.Caller, error) // authenticates again

	news chan struct{} // holds one
	done chan struct{} // closed when the stream must end

	// Under the hub's lock.
	who    access.Caller
	seen   any // what it was told of last
	reason string
}

// hub tells the streams of this process that there is something new. One loop looks
// for all of them, as long as there is one.
type hub struct {
	Live
	store  liveStore
	logger *slog.Logger

	mu     sync.Mutex
	subs   map[*subscriber]bool
	stop   context.CancelFunc // of the loop; nil when it does not run
	closed bool
}

func newHub(cfg Live, store liveStore, logger *slog.Logger) *hub {
	return &hub{Live: cfg.orDefault(), store: store, logger: logger, subs: map[*subscriber]bool{}}
}

// subscribe adds a stream.
//
// Errors: a problem (the token has as many as it may).
func (h *hub) subscribe(sub *subscriber) error {
	sub.news, sub.done = make(chan struct{}, 1), make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errs.New("api.live", errs.Unavailable, "this server is shutting down")
	}
	same := 0
	for other := range h.subs {
		if credential(other.who) == credential(sub.who) {
			same++
		}
	}
	if same >= h.Streams {
		return tooManyStreams(h.Streams)
	}
	h.subs[sub] = true
	if h.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		h.stop = stop
		go h.loop(ctx)
	}
	return nil
}

// leave takes a stream away; with the last one the loop ends.
func (h *hub) leave(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, sub)
	if len(h.subs) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// close ends all streams and takes no more.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for sub := range h.subs {
		sub.end(endDown)
	}
}

// end is called under the hub's lock.
func (sub *subscriber) end(reason string) {
	if sub.reason == "" {
		sub.reason = reason
		close(sub.done)
	}
}

func (h *hub) caller(sub *subscriber) access.Caller {
	h.mu.Lock()
	defer h.mu.Unlock()
	return sub.who
}

func (h *hub) why(sub *subscriber) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return sub.reason
}

// loop looks for what is new until ctx is done. A notification only shortens the wait.
func (h *hub) loop(ctx context.Context) {
	notifier := make(chan struct{}, 1)
	go h.listen(ctx, notifier)
	tick := time.NewTicker(h.Look)
	defer tick.Stop()
	for {
		if err := h.look(ctx); err != nil && ctx.Err() == nil {
			h.logger.WarnContext(ctx, "cannot look for what is new", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.authenticate(ctx)
		case <-notifier:
		}
	}
}

// listen wakes the hub, at most once between two looks. What cannot be heard is found
// by the next look.
func (h *hub) listen(ctx context.Context, notifier chan<- struct{}) {
	for ctx.Err() == nil {
		err := h.store.Listen(ctx, func() {
			select {
			case notifier <- struct{}{}:
			default:
			}
		})
		if ctx.Err() == nil {
			h.logger.DebugContext(ctx, "live streams hear no notifications", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * h.Look):
		}
	}
}

// look asks once for all streams and tells those for which something is new.
func (h *hub) look(ctx context.Context) error {
	var conversations []conversation.ID
	var mailboxes []conversation.MailboxID
	subs := h.all()
	for _, sub := range subs {
		if sub.conversation != "" {
			conversations = append(conversations, sub.conversation)
		} else {
			mailboxes = append(mailboxes, sub.mailbox)
		}
	}
	progress := map[conversation.ID]conversation.Progress{}
	if len(conversations) > 0 {
		list, err := h.store.Progress(ctx, conversations)
		if err != nil {
			return err
		}
		for _, p := range list {
			progress[p.ID] = p
		}
	}
	var newest map[conversation.MailboxID]runs.Position
	if len(mailboxes) > 0 {
		var err error
		if newest, err = h.store.NewestRuns(ctx, mailboxes); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sub := range subs {
		p, there := progress[sub.conversation]
		switch {
		case sub.conversation == "":
			sub.tell(newest[sub.mailbox])
		case !there || sub.who.In(access.ReadConversation, p.MailboxID) != nil:
			sub.end(endGone)
		default:
			sub.tell(p)
		}
	}
	return nil
}

// tell is called under the hub's lock.
func (sub *subscriber) tell(what any) {
	if sub.seen == what {
		return
	}
	sub.seen = what
	select {
	case sub.news <- struct{}{}:
	default:
	}
}

func (h *hub) all() []*subscriber {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*subscriber, 0, len(h.subs))
	for sub := range h.subs {
		out = append(out, sub)
	}
	return out
}

// authenticate checks the rights of each token again, once for all of its streams.
func (h *hub) authenticate(ctx context.Context) {
	byToken := map[string][]*subscriber{}
	for _, sub := range h.all() {
		id := credential(h.caller(sub))
		byToken[id] = append(byToken[id], sub)
	}
	for _, subs := range byToken {
		who, err := subs[0].again(ctx)
		h.mu.Lock()
		for _, sub := range subs {
			switch {
			case refused(err), err == nil && !who.May(access.ReadConversation):
				sub.end(endRights)
			case err == nil:
				sub.who = who
				if sub.mailbox != "" && who.In(access.ReadConversation, sub.mailbox) != nil {
					sub.end(endGone)
				}
			}
		}
		h.mu.Unlock()
	}
}

// credential is by what the caller came: their token or their session.
func credential(who access.Caller) string { return cmp.Or(who.TokenID, who.SessionID) }

// refused reports whether the token was refused; that nobody could tell is no refusal.
func refused(err error) bool {
	var p *problem
	return errors.As(err, &p)
}
