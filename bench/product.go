package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"
)

// product is ours, reached from outside.
type product struct {
	api, token, smtp string
	hooks            string // URL of the receiver
}

// object is any JSON object of the API.
type object = map[string]any

func (p *product) call(ctx context.Context, method, path string, body any) (object, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	for tries := 0; ; {
		req, err := http.NewRequestWithContext(ctx, method, p.api+path, bytes.NewReader(encoded))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+p.token)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable && tries < 60 {
			tries++
			if err := pause(ctx, 500*time.Millisecond); err != nil {
				return nil, err
			}
			continue
		}
		if res.StatusCode >= 300 {
			return nil, fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, raw)
		}
		answer := object{}
		if len(raw) == 0 {
			return answer, nil
		}
		return answer, json.Unmarshal(raw, &answer)
	}
}

// pause waits, or ends with ctx.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// unlimited lifts the limits against loops, which would end the measurement.
func (p *product) unlimited(ctx context.Context) error {
	_, err := p.call(ctx, "PATCH", "/v1/settings", object{
		"mails_per_recipient": 10000, "mails_per_recipient_and_subject": 10000, "mails_per_recipient_and_day": 10000,
		"runs_per_workflow": 1000000, "runs_per_workflow_and_conversation": 1000000,
	})
	return err
}

// mailbox makes a mailbox with so many workflows, of which the last does the actions for the
// mails of the measurement; the others look for words that these do not have.
func (p *product) mailbox(ctx context.Context, name string, workflows int, actions ...object) (*box, error) {
	address := name + "@bench.example"
	made, err := p.call(ctx, "POST", "/v1/mailboxes", object{"name": name, "email": address})
	if err != nil {
		return nil, err
	}
	id, _ := made["id"].(string)
	var all []object
	for i := range workflows - 1 {
		all = append(all, rule(fmt.Sprint("other ", i), fmt.Sprintf("word%d", i), object{"do": "add_tags", "tags": []any{"other"}}))
	}
	to := &box{product: p, address: address, id: id}
	return to, p.apply(ctx, id, append(all, rule("refund", "refund", actions...)))
}

// apply makes the workflows of a mailbox, some at a time: a transaction has its bound.
func (p *product) apply(ctx context.Context, mailbox string, workflows []object) error {
	for some := range slices.Chunk(workflows, 100) {
		if _, err := p.call(ctx, "POST", "/v1/mailboxes/"+mailbox+"/apply", object{"workflows": some}); err != nil {
			return err
		}
	}
	return nil
}

// usual are the actions of the measurement: two of our own data, two that leave the house.
func (p *product) usual() []object {
	return []object{
		{"do": "add_tags", "tags": []any{"refund"}}, {"do": "set_status", "status": "pending"},
		{"do": "reply", "body": "We have your request."}, {"do": "webhook", "url": p.hooks + "/usual"},
	}
}

// rule is a workflow for each mail whose subject has the word.
func rule(name, word string, actions ...object) object {
	return object{
		"name": name, "type": "automatic", "mode": "on", "max_runs": 1000, "replies_per_hour": 60, "actions": actions,
		"conditions": []any{
			object{"any": []any{object{"field": "new_conversation"}, object{"field": "customer_replied"}}},
			object{"any": []any{object{"field": "subject", "op": "contains", "value": word}}},
		},
	}
}

// box is a mailbox as a target: one mail is one event.
type box struct {
	product *product
	address string
	id      string
}

func (b *box) connect() (sender, error) {
	c, err := smtp.Dial(b.product.smtp)
	if err != nil {
		return nil, err
	}
	return &letters{c, b}, nil
}

// letters is an SMTP connection.
type letters struct {
	client *smtp.Client
	box    *box
}

func (l *letters) close() { _ = l.client.Close() }

func (l *letters) send(ctx context.Context, mark, first int) error {
	from := fmt.Sprintf("c%d@customer.example", first)
	head := ""
	if mark != first {
		head = fmt.Sprintf("In-Reply-To: <bench-%d@customer.example>\r\n", first)
	}
	text := fmt.Sprintf("From: Ann Example <%s>\r\nTo: %s\r\nMessage-ID: <bench-%d@customer.example>\r\nDate: %s\r\nSubject: refund "+
		"bench-%d-\r\n%s\r\n%s",
		from, l.box.address, mark, time.Now().Format(time.RFC1123Z), first, head, letterText)
	return l.deliver(ctx, from, text)
}

// plain sends a mail that is no event of the measurement, a new one or into a conversation.
func (l *letters) plain(ctx context.Context, subject, id, inReplyTo string) error {
	head := ""
	if inReplyTo != "" {
		head = "In-Reply-To: <" + inReplyTo + ">\r\n"
	}
	from := "crowd@customer.example"
	return l.deliver(ctx, from, fmt.Sprintf("From: %s\r\nTo: %s\r\nMessage-ID: <%s>\r\nDate: %s\r\nSubject: %s\r\n%s\r\n%s",
		from, l.box.address, id, time.Now().Format(time.RFC1123Z), subject, head, letterText))
}

// deliver tries again, as a mail server does, when the answer is to come later.
func (l *letters) deliver(ctx context.Context, from, text string) error {
	for {
		err := l.hand(from, text)
		var answer *textproto.Error
		if !errors.As(err, &answer) || answer.Code/100 != 4 {
			return err
		}
		if err := errors.Join(l.client.Reset(), pause(ctx, 50*time.Millisecond)); err != nil {
			return err
		}
	}
}

// letterText is what a customer writes, of a usual length.
var letterText = "Hello,\r\n\r\n" + strings.Repeat("the parcel has not come yet, and I should like to have my money back.\r\n", 8) +
	"\r\nAnn\r\n"

func (l *letters) hand(from, text string) error {
	if err := l.client.Mail(from); err != nil {
		return err
	}
	if err := l.client.Rcpt(l.box.address); err != nil {
		return err
	}
	w, err := l.client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return w.Close()
}
