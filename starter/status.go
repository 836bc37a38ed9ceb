package starter

import (
	"errors"
	"sync"
	"time"
)

// Status tells how the starter gets on with those it depends on. The zero value
// is ready for use, by several goroutines.
type Status struct {
	mu       sync.Mutex
	temporal time.Time
	outbox   time.Time
}

// LastContact returns when Temporal last answered, and when the outbox did. Zero
// means never.
func (s *Status) LastContact() (temporal, outbox time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.temporal, s.outbox
}

// Ready returns nil when both answered within the time given, else an error that
// says who did not. Both are asked every few seconds even when there is nothing
// to do, but for the outbox while Temporal is away; 15 s is a good measure.
func (s *Status) Ready(within time.Duration) error {
	temporal, outbox := s.LastContact()
	switch {
	case time.Since(temporal) > within:
		return errors.New("temporal does not answer")
	case time.Since(outbox) > within:
		return errors.New("the outbox does not answer")
	default:
		return nil
	}
}

func (s *Status) temporalAnswered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.temporal = time.Now()
}

func (s *Status) outboxAnswered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = time.Now()
}
