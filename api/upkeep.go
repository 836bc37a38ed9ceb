package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// reconcileStore keeps what the reconciler found.
type reconcileStore interface {
	ReconcilePasses(ctx context.Context, limit int) ([]conversation.ReconcilePass, error)
}

// ReconcilePass is one look of the reconciler at everything. All figures are zero
// as long as all goes well.
type ReconcilePass struct {
	At          time.Time `json:"at"`
	Overdue     int       `json:"overdue" doc:"Conversations whose due time had passed."`
	Unhandled   int       `json:"unhandled" doc:"Conversations with events that nobody had handled."`
	Undelivered int       `json:"undelivered" doc:"Deliveries that were due and held by nobody."`
	Rung        int       `json:"rung" doc:"For how many it rang."`
	Waiting     int       `json:"waiting" doc:"For how many of them an earlier pass has rung already; it rings for these again after 10 minutes."`
}

type reconciling struct{ store reconcileStore }

type reconcileInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"20"`
}

type reconcileList struct {
	Items []ReconcilePass `json:"items"`
}

func (h reconciling) list(ctx context.Context, _ access.Caller, in *reconcileInput) (reconcileList, error) {
	passes, err := h.store.ReconcilePasses(ctx, in.Limit)
	out := reconcileList{Items: []ReconcilePass{}}
	for _, p := range passes {
		out.Items = append(out.Items, ReconcilePass(p))
	}
	return out, err
}

// retentionStore knows what is kept for some time only.
type retentionStore interface {
	Retained(ctx context.Context) ([]conversation.Retained, error)
}

// Retained is one kind of what may be kept for some time only.
type Retained struct {
	Kind      string     `json:"kind" enum:"attempts,audit,explanations,raw_mails"`
	Days      int        `json:"days" doc:"For how many days it is kept, by the settings; 0: for ever."`
	Removed   int64      `json:"removed" doc:"How much was ever removed."`
	RemovedAt *time.Time `json:"removed_at" doc:"When something was removed last; null: never."`
}

type retaining struct{ store retentionStore }

type retainedList struct {
	Items []Retained `json:"items"`
}

func (h retaining) list(ctx context.Context, _ access.Caller, _ *struct{}) (retainedList, error) {
	kinds, err := h.store.Retained(ctx)
	out := retainedList{Items: []Retained{}}
	for _, k := range kinds {
		item := Retained{Kind: k.Kind, Days: k.Days, Removed: k.Removed}
		if !k.RemovedAt.IsZero() {
			item.RemovedAt = &k.RemovedAt
		}
		out.Items = append(out.Items, item)
	}
	return out, err
}
