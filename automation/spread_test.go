package automation

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// A thousand conversations that come due with the opening are spread over a minute,
// and not one of those that count from their own past is moved.
func TestOnlyWhatManyShareIsSpread(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		rows   []Condition
		spread bool
	}{
		{"an opening", []Condition{cond("waiting_since", "longer_than", "1h"), cond("business_hours", "is", "inside")}, true},
		{"business time that begins with an opening", []Condition{cond("waiting_since", "longer_than", "1bh")}, true},
		{"a midnight", []Condition{cond("waiting_since", "longer_than", "1h"), cond("day_of_week", "is", "friday")}, true},
		{"its own wait", []Condition{cond("waiting_since", "longer_than", "10h")}, false},
		{"its own wait, while a calendar condition holds already",
			[]Condition{cond("waiting_since", "longer_than", "14h"), cond("business_hours", "is", "inside")}, false},
	} {
		seconds := map[int]int{}
		p := compiled(t, definition(c.rows...))
		for n := range 1000 {
			f := facts(office("UTC"), now(evening), func(f *conversation.Facts) {
				f.Conversation.ID, f.Conversation.WaitingSince = conversation.ID(fmt.Sprint("conversation ", n)), evening
			})
			due, ok := p.NextDue(f, Used{})
			if !ok || due.Spread < 0 || due.Spread >= MaxSpread || due.Spread > 0 && !c.spread {
				t.Fatalf("%s: %v %+v", c.name, ok, due)
			}
			f.Now = f.Now.Add(time.Hour)
			if again, _ := p.NextDue(f, Used{}); again != due {
				t.Fatalf("%s: asked again it is %+v, was %+v", c.name, again, due)
			}
			seconds[due.At.Second()]++
		}
		most := 0
		for _, n := range seconds {
			most = max(most, n)
		}
		if c.spread && most > 60 {
			t.Errorf("%s: %d of 1,000 in one second", c.name, most)
		}
	}
}
