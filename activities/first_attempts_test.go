package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func hookTo(endpoint string, n int) delivery.Delivery {
	return delivery.Delivery{ID: delivery.ID(fmt.Sprint(endpoint, n)), Kind: delivery.KindWebhook,
		Webhook: &delivery.Webhook{URL: "https://" + endpoint + "/hook"}}
}

func mailNo(n int) delivery.Delivery {
	return delivery.Delivery{ID: delivery.ID(fmt.Sprint("mail", n)), Kind: delivery.KindReply, Mail: &delivery.Mail{}}
}

var (
	sent     = delivery.Result{State: delivery.AttemptSent}
	refused  = delivery.Result{State: delivery.AttemptFailed, Code: 410}
	deferred = delivery.Result{State: delivery.AttemptDeferred, Code: 503}
)

// One endpoint takes an eighth of the places of webhooks, all webhooks none of the mails'.
func TestFirstAttemptsShareTheirSlots(t *testing.T) {
	t.Parallel()
	f := newFirstAttempts(16)
	promised := func(list ...delivery.Delivery) (n int) {
		for _, d := range list {
			if f.promise(d, noon, time.Minute) {
				n++
			}
		}
		return n
	}
	if n := promised(hookTo("a", 1), hookTo("a", 2), hookTo("a", 3)); n != 2 {
		t.Errorf("%d of three to one endpoint, want an eighth of 16", n)
	}
	for n := range 100 {
		promised(hookTo(fmt.Sprint("b", n), 1))
	}
	if f.used["webhooks"] != 16 {
		t.Errorf("%d webhooks, want 16", f.used["webhooks"])
	}
	for n := range 16 {
		if promised(mailNo(n)) != 1 {
			t.Fatalf("mail %d found no place though webhooks have their own", n)
		}
	}
	if promised(mailNo(99)) != 0 {
		t.Error("a seventeenth mail found a place")
	}
	p, ok := f.claim("mail3")
	if _, twice := f.claim("mail3"); !ok || twice {
		t.Error("a promise is claimed once")
	}
	f.release(delivery.KindReply, p)
	if promised(mailNo(99)) != 1 {
		t.Error("a place that was given back is not used")
	}
	// Nobody claims the others: when they lapse, their places are free.
	if f.promise(mailNo(100), noon.Add(2*time.Minute), time.Minute); len(f.begun) != 1 || len(f.used) != 1 {
		t.Errorf("%d promises and places %v are kept after they lapsed", len(f.begun), f.used)
	}
}

func TestWithoutSlotsNothingIsPromised(t *testing.T) {
	t.Parallel()
	f := newFirstAttempts(0)
	if f.promise(mailNo(1), noon, time.Minute) || f.promise(hookTo("a", 1), noon, time.Minute) {
		t.Error("promised")
	}
}

func TestWhoIsSlowOrFailsRests(t *testing.T) {
	t.Parallel()
	f := newFirstAttempts(64)
	now, n := noon, 0
	may := func(endpoint string) bool {
		n++
		d := hookTo(endpoint, n)
		if !f.promise(d, now, time.Minute) {
			return false
		}
		p, _ := f.claim(d.ID)
		f.release(d.Kind, p)
		return true
	}
	f.ended(hookTo("slow", 0), sent, 3*time.Second, now)
	if !may("slow") {
		t.Error("one slow attempt is no habit")
	}
	f.ended(hookTo("slow", 0), deferred, time.Millisecond, now)
	if may("slow") || !may("other") {
		t.Error("two bad attempts in a row: it rests, and nobody else does")
	}
	now = now.Add(shortestRest)
	if !may("slow") || may("slow") {
		t.Error("after the rest exactly one is let through")
	}
	f.ended(hookTo("slow", 0), deferred, time.Millisecond, now)
	now = now.Add(shortestRest)
	if may("slow") {
		t.Error("the rest does not grow")
	}
	for range 20 {
		f.ended(hookTo("slow", 0), deferred, time.Millisecond, now)
	}
	now = now.Add(longestRest)
	if !may("slow") {
		t.Error("the rest has no end")
	}
	f.ended(hookTo("slow", 0), refused, time.Millisecond, now) // an answer, and a quick one
	if first, second := may("slow"), may("slow"); !first || !second || len(f.rests) != 0 {
		t.Error("a quick answer does not end the rest")
	}
}

func TestTheRestsThatAreKeptAreBounded(t *testing.T) {
	t.Parallel()
	f := newFirstAttempts(64)
	for n := range 2 * restsKept {
		f.ended(hookTo(fmt.Sprint("h", n), 1), deferred, 0, noon)
	}
	if len(f.rests) > restsKept {
		t.Errorf("%d are kept", len(f.rests))
	}
}

// Attempts that outlast their workflow task are bounded too.
func TestManyLateAttemptsStopFurtherOnes(t *testing.T) {
	t.Parallel()
	f := newFirstAttempts(2)
	f.goLate(2 * latePerSlot)
	if f.promise(mailNo(1), noon, time.Minute) {
		t.Error("promised")
	}
	f.goLate(-1)
	if !f.promise(mailNo(1), noon, time.Minute) {
		t.Error("not promised when one has ended")
	}
}
