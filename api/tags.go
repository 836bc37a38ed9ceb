package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// tagStore counts the tags.
type tagStore interface {
	// Tags lists the tags of what the caller may read, by name; page.After is a name.
	Tags(ctx context.Context, who access.Caller, page conversation.Page) ([]conversation.TagCount, error)
}

// Tag is a tag and how many of the conversations that you see carry it.
type Tag struct {
	Name          string `json:"name"`
	Conversations int    `json:"conversations"`
}

type tags struct{ store tagStore }

func (h tags) list(ctx context.Context, who access.Caller, in *PageInput) (page[Tag], error) {
	after, err := cursor(in.Cursor)
	if err != nil {
		return page[Tag]{}, errCursor()
	}
	found, err := h.store.Tags(ctx, who, conversation.Page{Limit: in.Limit + 1, After: after})
	return render(*in, found, func(t conversation.TagCount) string { return t.Name }, func(t conversation.TagCount) Tag { return Tag(t) }), err
}
