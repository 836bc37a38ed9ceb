package conversation

import "time"

// Rating is how satisfied a customer is. Empty: not rated.
type Rating string

// The ratings.
const (
	RatingGreat   Rating = "great"
	RatingOkay    Rating = "okay"
	RatingNotGood Rating = "not_good"
)

// Ratings lists the ratings, the best first.
var Ratings = []Rating{RatingGreat, RatingOkay, RatingNotGood}

// MaxRatingComment is the most characters of what a customer says to a rating.
const MaxRatingComment = 2000

// Rate records how satisfied the customer is; false: it is rated so already,
// with this comment.
func (e *Editor) Rate(to Rating, comment string) bool {
	from := e.c.Rating
	if from == to && e.c.RatingComment == comment {
		return false
	}
	e.c.Rating, e.c.RatingComment, e.c.RatedAt = to, comment, e.at
	e.Record(Event{Kind: KindRated, From: string(from), To: string(to), Comment: comment})
	return true
}

// View records that the customer's mail program showed a message for the first
// time. Whoever calls it knows that it is the first time.
func (e *Editor) View(id MessageID) {
	if e.c.LastReplyID == id && e.c.LastReplyViewedAt.IsZero() {
		e.c.LastReplyViewedAt = e.at
	}
	// To and not MessageID: the event is no message that conditions look at.
	e.Record(Event{Kind: KindViewed, To: string(id)})
}

// toCustomer remembers the newest message to the customer: nobody has seen it
// yet.
func (e *Editor) toCustomer(m *Message) {
	if m.Kind == MessageReply || m.Kind == MessageEmail {
		e.c.LastReplyID, e.c.LastReplyViewedAt = m.ID, time.Time{}
	}
}

// ratingWords says a rating in words.
func ratingWords(r string) string {
	if Rating(r) == RatingNotGood {
		return "not good"
	}
	return r
}

// rated says a rating: it great, it okay instead of great: “thank you”.
func (e Event) rated() string {
	s := "rated it " + ratingWords(e.To)
	if e.From != "" && e.From != e.To {
		s += " instead of " + ratingWords(e.From)
	}
	if e.Comment != "" {
		s += ": “" + e.Comment + "”"
	}
	return s
}

// As makes the changes that follow those of another actor.
func (e *Editor) As(actor Actor) { e.actor = actor }
