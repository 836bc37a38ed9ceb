package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// livePage is how much is read at once for one stream: what it holds in memory.
const livePage = 20

// LiveEntries are entries of a timeline, as they come.
type LiveEntries struct {
	Items []TimelineEntry `json:"items"`
}

type lives struct{ store Store }

// errPosition is answered for an id that no stream gave.
func errPosition() error { return invalid("query.after", "this is no id of a message of this stream") }

// conversation follows a conversation.
func (h lives) conversation(ctx context.Context, who access.Caller, in *LiveInput) (*subscriber, source, error) {
	id := conversation.ID(in.ID)
	r, err := h.store.Conversation(ctx, who, id)
	if err != nil {
		return nil, nil, err
	}
	from := &timelineSource{store: h.store, id: id, told: r.LastSeq, done: r.HandledSeq}
	if after := in.after(); after != "" {
		var ok bool
		if from.told, from.done, ok = parseSeqs(after); !ok {
			return nil, nil, errPosition()
		}
	}
	from.read = from.done
	return &subscriber{conversation: id}, from, nil
}

// mailboxRuns follows the runs of a mailbox as they end.
func (h lives) mailboxRuns(ctx context.Context, who access.Caller, in *LiveInput) (*subscriber, source, error) {
	id := conversation.MailboxID(in.ID)
	if err := who.In(access.ReadConversation, id); err != nil {
		return nil, nil, err
	}
	if _, err := h.store.Mailbox(ctx, id); err != nil {
		return nil, nil, err
	}
	from := &runSource{store: h.store, id: id}
	if after := in.after(); after != "" {
		number, run, _ := strings.Cut(after, ".")
		var err error
		if from.at.Transaction, err = strconv.ParseUint(number, 10, 64); err != nil || run != "" && !isID(run) {
			return nil, nil, errPosition()
		}
		from.at.Run = automation.RunID(run)
		return &subscriber{mailbox: id}, from, nil
	}
	var err error
	from.at, err = h.store.RunsNow(ctx)
	return &subscriber{mailbox: id}, from, err
}

// timelineSource tells a conversation's events at once, and the runs that an event led
// to when it is handled: from then on none is added. Its id is the seq of the newest event
// that was told, followed by the seq up to which runs were told where that is another
// one: 7, or 7-5.
type timelineSource struct {
	store timelineProgress
	id    conversation.ID
	told  int64 // events up to here
	done  int64 // runs up to here
	read  int64 // where the next page begins
}

// timelineProgress reads timelines, and how far they are handled.
type timelineProgress interface {
	timelineStore
	Conversation(ctx context.Context, who access.Caller, id conversation.ID) (conversation.Record, error)
}

func parseSeqs(text string) (told, done int64, ok bool) {
	first, second, both := strings.Cut(text, "-")
	told, err := strconv.ParseInt(first, 10, 64)
	if done = told; both && err == nil {
		done, err = strconv.ParseInt(second, 10, 64)
	}
	return told, done, err == nil && done >= 0 && done <= told
}

func (s *timelineSource) position() string {
	if s.told == s.done {
		return strconv.FormatInt(s.told, 10)
	}
	return strconv.FormatInt(s.told, 10) + "-" + strconv.FormatInt(s.done, 10)
}

func (s *timelineSource) next(ctx context.Context, who access.Caller) ([]frame, bool, error) {
	r, err := s.store.Conversation(ctx, who, s.id)
	if err != nil || r.LastSeq <= s.told && r.HandledSeq <= s.done {
		return nil, false, err
	}
	// Read after how far it is handled: the runs up to there are all there.
	t, out, err := s.store.Timeline(ctx, who, s.id, s.read, livePage)
	if err != nil {
		return nil, false, err
	}
	w := newTimelineWriter(t, out)
	var list []frame
	for _, e := range t.Events {
		w.page.Items = nil
		w.event(e)
		var items []TimelineEntry
		if e.Seq > s.told {
			items = w.page.Items[:1]
			s.told = e.Seq
		}
		if e.Seq > s.done && e.Seq <= r.HandledSeq {
			items = append(items, w.page.Items[1:]...)
			s.done = e.Seq
		}
		if len(items) > 0 {
			list = append(list, frame{"timeline", s.position(), LiveEntries{items}})
		}
		s.read = e.Seq
	}
	more := len(t.Events) == livePage
	if !more {
		s.read = s.done
	}
	return list, more, nil
}

// runSource tells the runs of a mailbox in the order in which they ended. Its id is
// their position.
type runSource struct {
	store liveStore
	id    conversation.MailboxID
	at    runs.Position
}

func (s *runSource) position() string {
	number := strconv.FormatUint(s.at.Transaction, 10)
	if s.at.Run == "" {
		return number
	}
	return number + "." + string(s.at.Run)
}

func (s *runSource) next(ctx context.Context, who access.Caller) ([]frame, bool, error) {
	ended, err := s.store.RunsEnded(ctx, s.id, s.at, livePage)
	var list []frame
	for _, e := range ended {
		s.at = e.Position()
		// What was moved out of their sight since is not theirs to see.
		if who.Sees(e.Now) {
			list = append(list, frame{"run", s.position(), showRun(e.Run)})
		}
	}
	return list, len(ended) == livePage, err
}
