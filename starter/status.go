package starter

import (
	"errors"
	"sync"
	"time"
)

// Status says how the starter gets on with those it depends on. The zero value
// is ready for use, by several goroutines.
type Status struct {
	mu         sync.Mutex
	temporal   time.Time
	outbox     time.Time
	unprepared bool
}

// LastContact returns when Temporal last answered, and when the outbox did. Zero
// means never.
func (s *Status) LastContact() (temporal, outbox time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.temporal, s.outbox
}

// Ready returns nil when both answered within the time given and Temporal has what
// Prepare makes, else an error that says what is wrong. Both are asked every few seconds even when there is nothing
// to do, but for the outbox while Temporal is away; 15 s is a good measure.
func (s *Status) Ready(within time.Duration) error {
	temporal, outbox := s.LastContact()
	s.mu.Lock()
	unprepared := s.unprepared
	s.mu.Unlock()
	switch {
	case unprepared:
		return errors.New("temporal's namespace or search attributes are missing")
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

func (s *Status) isPrepared(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unprepared = !is
}
