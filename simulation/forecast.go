package simulation

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/automation/runs"
)

// Forecast says what will happen to the conversation if nobody acts: what is not
// handled yet is handled first, then each due time within the horizon fires at its
// instant, on what the ones before left behind. It ends after limit instants.
func (s *Simulator) Forecast(ctx context.Context, base Base, horizon time.Duration, limit int) (runs.Forecast, error) {
	sim := s.Begin(base)
	f := runs.Forecast{Now: sim.Now(), Until: sim.Now().Add(horizon), Pending: sim.Pending()}
	at := f.Now
	for {
		due, ok := sim.Next()
		made, err := sim.Advance(ctx, at)
		if err != nil {
			return f, err
		}
		// The first call only handles what is there: the list may say that nothing is due.
		if woke := ok && !due.At.After(at) && due.DefinitionID == ""; woke || len(made) > 0 {
			f.Coming = append(f.Coming, runs.Coming{At: at, Wakes: woke, Runs: made, Due: due})
		}
		next, ok := sim.Next()
		switch {
		case !ok || next.At.After(f.Until):
			return f, nil
		case len(f.Coming) >= limit:
			f.More = true
			return f, nil
		}
		at = next.At
		if at.Before(sim.Now()) {
			at = sim.Now()
		}
	}
}
