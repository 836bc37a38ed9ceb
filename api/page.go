package api

import (
	"encoding/base64"

	"github.com/smarticks/smarticks/conversation"
)

// PageInput is what every list takes.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many items at most."`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before."`
}

// page is what every list answers.
type page[T any] struct {
	Items []T `json:"items"`
	// NextCursor asks for the rest; null when this is all.
	NextCursor *string `json:"next_cursor" doc:"Ask for the rest with it; null when this is all."`
}

// page returns what to ask the store for: one more than is shown, so that the
// answer knows whether there is more.
func (p PageInput) page() (conversation.Page, error) {
	after, err := cursor(p.Cursor)
	if err != nil || (after != "" && !isID(after)) {
		return conversation.Page{}, errCursor()
	}
	return conversation.Page{Limit: p.Limit + 1, After: after}, nil
}

// cursor reads what next_cursor wrote: the key of the last item shown.
func cursor(text string) (string, error) {
	after, err := base64.RawURLEncoding.DecodeString(text)
	return string(after), err
}

func nextCursor(key string) *string {
	next := base64.RawURLEncoding.EncodeToString([]byte(key))
	return &next
}

func errCursor() error { return invalid("query.cursor", "this is no next_cursor of a page before") }

// render shows at most the limit of items that the store returned for page.
func render[D, T any](p PageInput, items []D, id func(D) string, show func(D) T) page[T] {
	out := page[T]{Items: []T{}}
	for i, item := range items {
		if i == p.Limit {
			out.NextCursor = nextCursor(id(items[i-1]))
			break
		}
		out.Items = append(out.Items, show(item))
	}
	return out
}

// ByID is the input of routes with an {id}. It is exported because huma passes
// over embedded structs that are not.
type ByID struct {
	ID string `path:"id" doc:"The id."`
}

// isID reports whether s is an id as we write them: a UUID in lower case.
func isID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if r != '-' {
				return false
			}
		case (r < '0' || r > '9') && (r < 'a' || r > 'f'):
			return false
		}
	}
	return true
}

// renderPart is render for a list that the store answers whole, in the order of
// its ids.
func renderPart[D, T any](p PageInput, items []D, id func(D) string, show func(D) T) (page[T], error) {
	asked, err := p.page()
	if err != nil {
		return page[T]{}, err
	}
	for len(items) > 0 && id(items[0]) <= asked.After {
		items = items[1:]
	}
	return render(p, items, id, show), nil
}
