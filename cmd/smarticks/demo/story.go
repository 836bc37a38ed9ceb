package demo

import (
	"context"
	"fmt"
	"net/smtp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/examples"
)

// scaled is how long 24 hours take.
func scaled(scale float64) time.Duration { return time.Duration(float64(24*time.Hour) / scale) }

// story is one example mail and what must come of it.
type story struct {
	title, file, from string
	agentReplies      bool
	want              []effect
	conversation      string // id, once known
}

// effect is something that a timeline must show.
type effect struct {
	text string
	seen func(c conversation, items []item) bool
}

// stories are the four examples of the product's description.
func stories() []story {
	return []story{
		{
			title: "A refund request is tagged and tracked", file: "refund.eml", from: "ann@example.com",
			want: []effect{tagged("refund"), acted("Refund requests", "reply", "sent"), acted("Refund requests", "webhook", "sent")},
		},
		{
			title: "An ageing conversation is reported as overdue", file: "ageing.eml", from: "ben@example.com",
			want: []effect{tagged("overdue"), acted("Ageing conversations", "notify", "sent")},
		},
		{
			title: "A silent customer gets a follow-up", file: "followup.eml", from: "cara@example.com", agentReplies: true,
			want: []effect{acted("Follow-up after silence", "email", "sent")},
		},
		{
			title: "A billing question moves to the billing mailbox", file: "billing.eml", from: "dan@example.com",
			want: []effect{acted("Invoices go to billing", "move", ""), tagged("from-support")},
		},
	}
}

func tagged(name string) effect {
	return effect{"the tag " + name, func(c conversation, _ []item) bool { return slices.Contains(c.Tags, name) }}
}

// acted is the effect that a workflow's action was done, and its deliveries are
// in the state, if one is named.
func acted(workflow, do, state string) effect {
	text := fmt.Sprintf("%s by %q", do, workflow)
	return effect{text, func(_ conversation, items []item) bool {
		for _, it := range items {
			if it.Run == nil || it.Run.Workflow.Name != workflow {
				continue
			}
			for _, a := range it.Run.Actions {
				if a.Do == do && (state == "" || a.sent(state)) {
					return true
				}
			}
		}
		return false
	}}
}

// play sends the example mails and lets the agent answer where a story wants it.
func (d *demo) play(ctx context.Context) ([]story, error) {
	list := stories()
	for i := range list {
		if err := d.send(list[i]); err != nil {
			return nil, fmt.Errorf("sending %s: %w", list[i].file, err)
		}
	}
	for i := range list {
		if err := d.find(ctx, &list[i]); err != nil {
			return nil, err
		}
		if list[i].agentReplies {
			if err := d.answer(ctx, list[i]); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// send hands the example mail to the product as a mail server would.
func (d *demo) send(s story) error {
	raw, err := examples.Files.ReadFile("mail/" + s.file)
	if err != nil {
		return err
	}
	id := strings.TrimSuffix(s.file, ".eml") + "." + d.Seed + "@example.com"
	text := strings.ReplaceAll(string(raw), "MESSAGE-ID", id)
	return smtp.SendMail(d.SMTP, nil, s.from, []string{"support@smarticks.test"}, []byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

// find looks the story's conversation up: the customer's oldest.
func (d *demo) find(ctx context.Context, s *story) error {
	found, err := client.All(client.List[conversation](ctx, d.api, "/v1/conversations", url.Values{"customer": {s.from}}))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("there is no conversation with %s", s.from)
	}
	slices.SortFunc(found, func(a, b conversation) int { return int(a.Number - b.Number) })
	s.conversation = found[0].ID
	return nil
}

// answer writes the agent's reply, unless it is there.
func (d *demo) answer(ctx context.Context, s story) error {
	items, err := d.timeline(ctx, s)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(items, func(it item) bool { return it.Kind == "agent_reply" }) {
		return nil
	}
	path := "/v1/conversations/" + s.conversation
	if err := d.api.Do(ctx, "POST", path+"/messages", map[string]any{
		"kind": "reply", "body": "Hello Cara, here is our price list. Which of the plans would suit you?",
	}, nil); err != nil {
		return err
	}
	return d.api.Do(ctx, "PATCH", path, map[string]any{"status": "pending"}, nil)
}

// await waits until the story's effects are there, and returns those that did
// not come.
func (d *demo) await(ctx context.Context, s *story, deadline time.Time) (missing []string, err error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var c conversation
		if err := d.api.Do(ctx, "GET", "/v1/conversations/"+s.conversation, nil, &c); err != nil {
			return nil, err
		}
		items, err := d.timeline(ctx, *s)
		if err != nil {
			return nil, err
		}
		missing = nil
		for _, e := range s.want {
			if !e.seen(c, items) {
				missing = append(missing, e.text)
			}
		}
		if len(missing) == 0 || time.Now().After(deadline) {
			return missing, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
