package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

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
