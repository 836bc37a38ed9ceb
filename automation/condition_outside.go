package automation

import (
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// ratingRow tests the customer's rating. Where nobody has rated, it is unknown
// what the rating is and what it is not; whether there is one is known.
func ratingRow(o operator, v operand) test {
	rating := func(p *Prepared) conversation.Rating { return p.facts.Conversation.Rating }
	return test{
		holds: func(p *Prepared) Truth {
			switch {
			case o.value == noValue:
				return truth((rating(p) != "") == (o.name == "rated"))
			case rating(p) == "":
				return Unknown
			default:
				return truth((string(rating(p)) == v.text) != o.negative())
			}
		},
		look: func(p *Prepared) (string, string) {
			switch {
			case rating(p) != "":
				return string(rating(p)), ""
			case o.value == noValue:
				return "not rated", ""
			default:
				return "", "the customer has not rated it"
			}
		},
	}
}

// viewedRow tests whether the customer's mail program showed the last message to
// them. Where nothing was written yet, or no mark says so because the mailbox
// sends none, it is unknown.
func viewedRow(_ operator, v operand) test {
	viewed := func(p *Prepared) (Truth, string) {
		c := p.facts.Conversation
		switch {
		case c.LastReplyID == "":
			return Unknown, "nothing was written to the customer yet"
		case !c.LastReplyViewedAt.IsZero():
			return True, ""
		case !p.facts.Mailbox.TrackViews:
			return Unknown, "the mailbox does not track views"
		default:
			return False, ""
		}
	}
	return test{
		holds: func(p *Prepared) Truth {
			saw, _ := viewed(p)
			if saw == Unknown {
				return Unknown
			}
			return truth((saw == True) == (v.text == "yes"))
		},
		look: func(p *Prepared) (string, string) {
			switch saw, why := viewed(p); saw {
			case True:
				return "viewed", ""
			case False:
				return "not viewed", ""
			default:
				return "", why
			}
		},
	}
}

func sayRating(c Condition, o operator, _ Names) string {
	switch o.name {
	case "rated":
		return "the customer has rated it"
	case "not_rated":
		return "the customer has not rated it"
	}
	rating, _ := c.Value.(string)
	if conversation.Rating(rating) == conversation.RatingNotGood {
		rating = `"not good"`
	}
	return "the rating " + o.words + " " + match.Shorten(rating, match.QuotedLength)
}

// sayYesNo makes the sentences of a condition whose value is yes or no.
func sayYesNo(yes, no string) func(Condition, operator, Names) string {
	return func(c Condition, _ operator, _ Names) string {
		if c.Value == "no" {
			return no
		}
		return yes
	}
}

func ratingNames() []string {
	names := make([]string, len(conversation.Ratings))
	for i, r := range conversation.Ratings {
		names[i] = string(r)
	}
	return names
}
