package delivery

import (
	"testing"
	"time"
)

// tried returns how many attempts are made, and for how long, when the first of
// them has the number.
func tried(kind Kind, first int) (attempts int, lasted time.Duration) {
	for n := first; ; n++ {
		attempts++
		pause, again := Pause(kind, n, lasted, 0)
		if !again {
			return attempts, lasted
		}
		lasted += pause
	}
}

func TestAWebhookIsTriedTenTimesInThreeDays(t *testing.T) {
	if n, d := tried(KindWebhook, 1); n != 10 || d != 75*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("%d attempts in %v", n, d)
	}
}

func TestAWebhookThatIsSentAgainByHandHasAllOfTheScheduleAgain(t *testing.T) {
	if n, d := tried(KindWebhook, 11); n != 10 || d != 75*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("%d attempts in %v", n, d)
	}
}
