package delivery

import "time"

// The longest that an attempt may take, connection included. While it lasts,
// nobody else may try the same delivery.
const (
	MailAttemptTimeout    = 15 * time.Minute // RFC 5321 4.5.3.2.6: ten minutes for the final dot alone
	WebhookAttemptTimeout = 15 * time.Second
)

// HandOverAfter is how long a conversation's own Temporal workflow tries a
// delivery: when the next attempt would begin later than this after the first,
// a DeliveryWorkflow continues.
const HandOverAfter = 10 * time.Minute

// webhookPauses are the pauses before each further attempt, as Standard Webhooks
// 1.0.0 recommends: 75 hours and 35 minutes in all.
var webhookPauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Mail is tried again after 5 s and 1 min (a restarting relay), then as
// mail servers do, from 5 min doubling to 4,000 s, for five days.
var mailPauses = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute}

const (
	mailLongestPause = 4000 * time.Second
	mailLifetime     = 5 * 24 * time.Hour
	longestAsked     = 24 * time.Hour
)

// Pause returns how long to wait after the attempts-th attempt, and whether to
// try again at all. since is the time from the first attempt to now; asked is
// what the other side asked for (Retry-After), bounded by 24 h.
func Pause(kind Kind, attempts int, since, asked time.Duration) (time.Duration, bool) {
	var pause time.Duration
	switch {
	case kind.IsMail() && since >= mailLifetime:
		return 0, false
	case kind.IsMail() && attempts <= len(mailPauses):
		pause = mailPauses[attempts-1]
	case kind.IsMail():
		pause = mailLongestPause
	case attempts <= len(webhookPauses):
		pause = webhookPauses[attempts-1]
	default:
		// Somebody let it be sent again, or attempts were lost: the time counts.
		var again bool
		if pause, again = webhookPauseAt(since); !again {
			return 0, false
		}
	}
	return max(pause, min(asked, longestAsked)), true
}

// webhookPauseAt returns the pause that the schedule has at the time since the
// first attempt, false when the schedule is over.
func webhookPauseAt(since time.Duration) (time.Duration, bool) {
	var end time.Duration
	for _, pause := range webhookPauses {
		if end += pause; since < end {
			return pause, true
		}
	}
	return 0, false
}

// AttemptTimeout returns how long one attempt of the kind may take.
func AttemptTimeout(kind Kind) time.Duration {
	if kind.IsMail() {
		return MailAttemptTimeout
	}
	return WebhookAttemptTimeout
}
