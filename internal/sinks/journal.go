package sinks

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// journal is a list that grows, and can be waited on.
type journal[T any] struct {
	mu      sync.Mutex
	items   []T
	changed chan struct{} // closed at the next change; nil when nobody waits
}

func (j *journal[T]) add(item T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.items = append(j.items, item)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.items)
}

// wait answers the items as soon as enough says so; it is asked at once and
// after each change. When ctx ends first it answers what there is, and an error.
func (j *journal[T]) wait(ctx context.Context, enough func([]T) bool) ([]T, error) {
	for {
		j.mu.Lock()
		items := slices.Clone(j.items)
		if j.changed == nil {
			j.changed = make(chan struct{})
		}
		changed := j.changed
		j.mu.Unlock()
		if enough(items) {
			return items, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return items, fmt.Errorf("waiting on a sink that holds %d: %w", len(items), ctx.Err())
		}
	}
}
