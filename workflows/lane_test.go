package workflows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
)

func TestADeadEndpointHoldsUpNoMail(t *testing.T) {
	t.Parallel()
	const dead = 200
	mailed := false
	fake := &fakeActivities{
		advance: func(n int) (activities.Advanced, error) {
			a := open(n)
			for i := range dead {
				a.Deliveries = append(a.Deliveries, webhook(fmt.Sprint("w", i)))
			}
			switch n {
			case 1:
				return a, nil
			case 2: // an agent has answered meanwhile
				return with(a, append(a.Deliveries, reply("m"))...), nil
			default:
				return closed(n), nil
			}
		},
		deliver: func(_ context.Context, n int, in activities.DeliverInput) (activities.Delivered, error) {
			if in.DeliveryID == "m" {
				mailed = true
			} else if n == 1 {
				return activities.Delivered{}, tryAgain(9 * time.Minute)
			}
			return delivered(in, "sent"), nil
		},
	}
	s := newStage(t, fake)
	s.wakeAfter(time.Second)
	s.RegisterDelayedCallback(func() {
		if !mailed {
			t.Error("the mail waits for webhooks that nobody takes")
		}
	}, time.Minute)
	s.mustComplete()
}
