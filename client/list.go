package client

import (
	"context"
	"iter"
	"maps"
	"net/url"
)

// page is a part of a list.
type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
}

// List reads the list at the path page by page while it is ranged over, each item
// into a T. It ends after the first error.
func List[T any](ctx context.Context, c *Client, path string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		asked := url.Values{}
		maps.Copy(asked, query)
		for {
			var p page[T]
			if err := c.get(ctx, path, asked, &p); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.NextCursor == "" {
				return
			}
			asked.Set("cursor", p.NextCursor)
		}
	}
}

// All reads a list to its end.
func All[T any](items iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// First reads the first item of a list; ok is false when the list is empty.
func First[T any](items iter.Seq2[T, error]) (item T, ok bool, err error) {
	for item, err := range items {
		return item, err == nil, err
	}
	return item, false, nil
}
