package automation

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// A second evaluator, slow and plain, written from the mission and not from the
// code: it takes definitions as they are written, knows ASCII only, and has
// nothing compiled, cached or ordered. -1 is false, 0 unknown, 1 true.

func naiveEvaluate(d Definition, f conversation.Facts) int {
	if len(d.Conditions) == 0 && d.Type == TypeAutomatic {
		return -1
	}
	lowest := 1
	for _, g := range d.Conditions {
		highest := -1
		for _, c := range g.Any {
			highest = max(highest, naiveRow(c, f))
		}
		lowest = min(lowest, highest)
	}
	return lowest
}

func naiveRow(c Condition, f conversation.Facts) int {
	if one := tested(c.Field); one != nil {
		return one.naive(c, f)
	}
	conv := f.Conversation
	switch c.Field {
	case "subject":
		return naiveTexts(c, []string{conv.Subject})
	case "customer_name":
		return naiveTexts(c, []string{strings.TrimSpace(f.Customer.FirstName + " " + f.Customer.LastName)})
	case "customer_company":
		return naiveTexts(c, []string{f.Customer.Company})
	case "customer_phone":
		return naiveTexts(c, []string{f.Customer.Phone})
	case "note_body", "headers", "header.NAME", "to", "cc", "attachment", "attachment_name", "attachment_count", "sender", "reply_to",
		"authentication", "sender_is_claimed":
		return naiveMessages(c, f)
	case "channel":
		return naiveBool((string(conv.Channel) == c.Value) == (c.Op == "is"))
	case "imported":
		return naiveYesNo(c, conv.Imported)
	case "type":
		return naiveBool((string(conv.Type) == c.Value) == (c.Op == "is"))
	case "started_by":
		return naiveBool((string(conv.StartedBy) == c.Value) == (c.Op == "is"))
	case "is_bounce":
		return naiveYesNo(c, naiveMachine(f) == "bounce")
	case "is_auto_reply":
		return naiveYesNo(c, naiveMachine(f) == "auto_reply")
	case "customer_email":
		return naiveTexts(c, f.Customer.Emails)
	case "body", "body_with_history":
		messages := f.Recent
		if f.Message != nil {
			messages = []conversation.Message{*f.Message}
		}
		if len(messages) == 0 {
			return 0
		}
		var bodies, gaps []string
		for _, m := range messages {
			body := m.Text
			for i := len(m.Quotes) - 1; i >= 0 && c.Field == "body"; i-- {
				body = body[:m.Quotes[i].Start] + body[m.Quotes[i].End:]
			}
			bodies, gaps = append(bodies, body), append(gaps, m.Gaps.Text)
		}
		return naiveGap(c, naiveTexts(c, bodies), strings.Join(gaps, ""))
	case "status":
		return naiveBool((string(conv.Status) == c.Value) == (c.Op == "is"))
	case "state":
		return naiveBool((string(conv.State) == c.Value) == (c.Op == "is"))
	case "assignee":
		who := string(conv.AssigneeID)
		if who == "" {
			who = "unassigned"
		}
		return naiveBool((who == c.Value) == (c.Op == "is"))
	case "tags":
		return naiveTags(c, conv.Tags)
	case "folder":
		open := conv.Status == "active" || conv.Status == "pending"
		vip := strings.Contains(","+strings.Join(conv.Tags, ",")+",", ",vip,") ||
			strings.Contains(","+strings.Join(conv.Tags, ",")+",", ",press,")
		in := map[string]bool{"Open": open, "vip mine": vip && conv.AssigneeID == "u1", "Nobody's": conv.AssigneeID == ""}
		is, there := in[c.Value.(string)]
		if !there {
			return 0
		}
		return naiveBool((is && conv.State == "published") == (c.Op == "in"))
	case "rating":
		switch {
		case c.Op == "rated":
			return naiveBool(conv.Rating != "")
		case c.Op == "not_rated":
			return naiveBool(conv.Rating == "")
		case conv.Rating == "":
			return 0
		}
		return naiveBool((string(conv.Rating) == c.Value) == (c.Op == "is"))
	case "customer_viewed":
		if conv.LastReplyID == "" || conv.LastReplyViewedAt.IsZero() && !f.Mailbox.TrackViews {
			return 0
		}
		return naiveBool(conv.LastReplyViewedAt.IsZero() == (c.Value == "no"))
	case "new_conversation":
		return naiveBool(f.Event != nil && f.Event.First)
	case "customer_replied":
		return naiveBool(f.Event != nil && !f.Event.First && f.Event.Kind == "customer_message")
	case "customer_reopened":
		if e := f.Event; e == nil || e.First || e.Kind != "customer_message" || e.Before == nil || e.Before.ClosedAt.IsZero() ||
			f.Message != nil && strings.Contains("bounce auto_reply null_sender own_address", cmp.Or(string(f.Message.Machine), "none")) {
			return -1
		}
		seconds := 0
		if c.Value != nil {
			seconds, _ = strconv.Atoi(strings.TrimSuffix(c.Value.(string), "s"))
		}
		return naiveBool(c.Value == nil || f.Event.At.Unix()-f.Event.Before.ClosedAt.Unix() >= int64(seconds))
	case "third_party_replied":
		return naiveBool(f.Event != nil && !f.Event.First && f.Event.Kind == "third_party_message")
	case "agent_replied":
		return naiveBool(f.Event != nil && !f.Event.First && f.Event.Kind == "agent_reply")
	case "note_added":
		return naiveBool(f.Event != nil && !f.Event.First && f.Event.Kind == "note_added")
	case "user_action", "status_changed", "assignee_changed", "tag_added", "tag_removed", "field_changed":
		return naiveBool(f.Event != nil && naiveChange(c, *f.Event))
	case "moved_here":
		from := c.From
		if v, ok := c.Value.(string); ok {
			from = v
		}
		return naiveBool(f.Event != nil && f.Event.Kind == "moved" && (from == "" || from == f.Event.From))
	case "field.Plan", "field.Seats", "field.Renews", "field.Paid":
		return naiveCustom(c, f)
	case "business_hours", "day_of_week", "time_of_day":
		return naiveCalendar(c, f)
	}
	if !IsTime(c.Field) {
		panic("the condition " + c.Field + " has no naive twin: give it an entry in conditions_test.go")
	}
	return naiveDate(c, f)
}

// naiveGap makes unknown what was not found where not all was read.
func naiveGap(c Condition, found int, gap string) int {
	missed := -1
	if c.Op == "is_not" || c.Op == "does_not_contain" || c.Op == "not_set" {
		missed = 1
	}
	if gap != "" && found == missed {
		return 0
	}
	return found
}

func naiveBool(b bool) int {
	if b {
		return 1
	}
	return -1
}

func naiveChange(c Condition, e conversation.Event) bool {
	want, named := c.Value.(string)
	isWanted := func(s string) bool { return !named || strings.EqualFold(s, want) }
	from, to := e.From, e.To
	switch c.Field {
	case "user_action":
		return e.Actor.Kind == "user" && !strings.Contains("customer_message third_party_message workflow_message moved rated viewed",
			string(e.Kind)) && (!named || e.Actor.ID == want)
	case "tag_added":
		return e.Kind == "tags_changed" && slices.ContainsFunc(e.Added, isWanted)
	case "tag_removed":
		return e.Kind == "tags_changed" && slices.ContainsFunc(e.Removed, isWanted)
	case "field_changed":
		if !isWanted(e.Field) {
			return false
		}
	case "assignee_changed":
		from, to = cmp.Or(from, "unassigned"), cmp.Or(to, "unassigned")
	}
	return string(e.Kind) == c.Field && (c.From == "" || strings.EqualFold(c.From, from)) && (c.To == "" || strings.EqualFold(c.To, to))
}

// naiveMessages decides the conditions that look at messages otherwise than at their
// bodies: which ones, and what of them.
func naiveMessages(c Condition, f conversation.Facts) int {
	kinds := map[string]string{
		"note_body": "note", "headers": "customer third_party", "header.NAME": "customer third_party", "to": "customer reply third_party",
		"cc":     "customer reply third_party",
		"sender": "customer third_party", "reply_to": "customer third_party", "authentication": "customer third_party",
		"sender_is_claimed": "customer third_party",
	}
	looked := f.Recent
	switch c.Field {
	case "note_body":
		looked = f.Notes
	case "to", "cc":
		looked = nil
		if f.Last != nil {
			looked = []conversation.Message{*f.Last}
		}
	}
	if f.Message != nil && strings.Contains(cmp.Or(kinds[c.Field], "customer reply note third_party"), string(f.Message.Kind)) {
		looked = []conversation.Message{*f.Message}
	}
	if len(looked) == 0 && kinds[c.Field] != "" {
		return 0
	}
	switch c.Field {
	case "authentication":
		if looked[0].Sender.Authentication == "" {
			return 0
		}
		return naiveBool((string(looked[0].Sender.Authentication) == c.Value) == (c.Op == "is"))
	case "sender_is_claimed":
		return naiveYesNo(c, looked[0].Sender.Claimed)
	}
	var texts []string
	gap := ""
	for _, m := range looked {
		switch c.Field {
		case "note_body":
			gap += m.Gaps.Text
		case "attachment", "attachment_name", "attachment_count":
			gap += m.Gaps.Files
		default:
			gap += m.Gaps.Headers
		}
		switch c.Field {
		case "sender":
			texts = append(texts, m.Sender.Address)
		case "reply_to":
			texts = append(texts, m.Sender.ReplyTo...)
		case "note_body":
			texts = append(texts, m.Text)
		case "to":
			texts = append(texts, m.To...)
		case "cc":
			texts = append(texts, m.Cc...)
		case "headers":
			for _, h := range m.Headers {
				texts = append(texts, h.Name+": "+h.Value)
			}
		case "header.NAME":
			for _, h := range m.Headers {
				if strings.ToUpper(h.Name) == "NAME" {
					texts = append(texts, h.Value)
				}
			}
		default:
			for _, a := range m.Attachments {
				if !a.Inline {
					texts = append(texts, a.Name)
				}
			}
		}
	}
	switch c.Field {
	case "attachment":
		if len(texts) == 0 && gap != "" {
			return 0
		}
		return naiveBool((len(texts) > 0) == (c.Op == "has"))
	case "attachment_count":
		// With a gap there may be one more, or a thousand.
		now, more, many := naiveNumber(c, len(texts)), naiveNumber(c, len(texts)+1), naiveNumber(c, 1000)
		if gap != "" && (now != more || now != many) || gap != "" && float64(len(texts)) <= c.Value.(float64) && strings.HasPrefix(c.Op, "is") {
			return 0
		}
		return now
	}
	return naiveGap(c, naiveTexts(c, texts), gap)
}

func naiveMachine(f conversation.Facts) conversation.Machine {
	if f.Message != nil && (f.Message.Kind == "customer" || f.Message.Kind == "third_party") {
		return f.Message.Machine
	}
	return f.Conversation.LastCustomerMachine
}

func naiveYesNo(c Condition, is bool) int {
	return naiveBool(is == (c.Value == "yes"))
}

func naiveNumber(c Condition, have int) int {
	words := map[int][]string{-1: {"is_not", "less_than", "at_most"}, 0: {"is", "at_least", "at_most"},
		1: {"is_not", "greater_than", "at_least"}}
	return naiveBool(slices.Contains(words[cmp.Compare(have, int(c.Value.(float64)))], c.Op))
}

func naiveTexts(c Condition, texts []string) int {
	want, _ := c.Value.(string)
	is := func(s string) bool {
		switch c.Op {
		case "is", "is_not":
			return strings.EqualFold(s, want)
		case "contains", "does_not_contain":
			return strings.Contains(strings.ToUpper(s), strings.ToUpper(want))
		case "starts_with":
			return len(s) >= len(want) && strings.EqualFold(s[:len(want)], want)
		case "ends_with":
			return len(s) >= len(want) && strings.EqualFold(s[len(s)-len(want):], want)
		case "matches":
			return regexp.MustCompile("(?i)" + strings.TrimSuffix(strings.TrimPrefix(want, "/"), "/i")).MatchString(s)
		default: // set, not_set
			return s != ""
		}
	}
	switch c.Op {
	case "is_not", "does_not_contain", "not_set":
		return naiveBool(!slices.ContainsFunc(texts, is))
	}
	return naiveBool(slices.ContainsFunc(texts, is))
}

func naiveTags(c Condition, tags []string) int {
	if c.Op == "matches" {
		return naiveTexts(c, tags)
	}
	var hits, misses int
	for _, w := range c.Value.([]any) {
		if strings.Contains(","+strings.ToLower(strings.Join(tags, ","))+",", ","+strings.ToLower(w.(string))+",") {
			hits++
		} else {
			misses++
		}
	}
	switch c.Op {
	case "has_any":
		return naiveBool(hits > 0)
	case "has_all":
		return naiveBool(misses == 0)
	default:
		return naiveBool(hits == 0)
	}
}
