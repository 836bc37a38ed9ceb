package activities

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// mailLimit reports whether a limit forbids mail that the run would send: then none of
// its actions is done. Nothing is sent by a trial, and an agent who runs a workflow
// by hand decides for themselves.
func (s *acting) mailLimit(ctx context.Context) (conversation.MailLimit, bool, error) {
	if s.version.Mode != automation.ModeOn || s.run.Trigger == automation.TriggerManual {
		return conversation.MailLimit{}, false, nil
	}
	planned, toCustomer, err := s.planned(ctx)
	if err != nil || len(planned) == 0 {
		return conversation.MailLimit{}, false, err
	}
	if l, over := s.history.MailLimit(s.version.DefinitionID, s.version.Definition.RepliesPerHour, toCustomer, s.now); over {
		return l, true, nil
	}
	return s.recipientLimit(ctx, planned)
}

// recipientLimit compares planned mail with what the recipients got from the whole
// installation.
func (x *advance) recipientLimit(ctx context.Context, planned []conversation.AutomaticMail) (conversation.MailLimit, bool, error) {
	keys := make([]string, len(planned))
	for i, m := range planned {
		keys[i] = m.Recipient
	}
	got, err := x.gotMail(ctx, keys)
	if err != nil {
		return conversation.MailLimit{}, false, err
	}
	l, over := x.around.Limits.RecipientLimit(planned, got, x.now)
	return l, over, nil
}

// gotMail is the automatic mail that the recipients got within a day, with what this
// call adds. Recipients are held from the first time that they are asked for.
func (x *advance) gotMail(ctx context.Context, keys []string) ([]conversation.AutomaticMail, error) {
	var fresh, out []conversation.AutomaticMail
	var unknown []string
	for _, key := range keys {
		if _, known := x.mailed[key]; !known && !slices.Contains(unknown, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		var err error
		if fresh, err = x.c.Recipients(ctx, unknown); err != nil {
			return nil, err
		}
		if x.mailed == nil {
			x.mailed = map[string][]conversation.AutomaticMail{}
		}
		for _, key := range unknown {
			x.mailed[key] = nil
		}
		for _, m := range fresh {
			x.mailed[m.Recipient] = append(x.mailed[m.Recipient], m)
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		out = append(out, x.mailed[key]...)
	}
	return out, nil
}

// countRecipients makes a delivery one that later ones count.
func (x *advance) countRecipients(d *delivery.Delivery, mails []conversation.AutomaticMail) {
	d.Automatic = append(d.Automatic, mails...)
	for _, m := range mails {
		if got, known := x.mailed[m.Recipient]; known {
			x.mailed[m.Recipient] = append(got, m)
		}
	}
}

// automaticMails are a mail as the limits count it: one for each recipient.
func (x *advance) automaticMails(subject string, to ...[]string) []conversation.AutomaticMail {
	var out []conversation.AutomaticMail
	for _, address := range slices.Concat(to...) {
		m := conversation.AutomaticMail{Recipient: conversation.RecipientKey(address), Subject: conversation.SubjectKey(subject), At: x.now}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// countMail counts an automatic mail to the customer, and makes its delivery one
// that later runs count.
func (s *acting) countMail(d *delivery.Delivery) {
	if s.run.Trigger == automation.TriggerManual {
		return
	}
	d.CustomerID, d.DefinitionID = s.around.Customer.ID, string(s.version.DefinitionID)
	s.history.AddMail(runs.Mailed{DefinitionID: s.version.DefinitionID, RunID: s.run.ID, At: s.now})
}

// limited ends a run whose mail may not go: nothing of it is done.
func (s *acting) limited(ctx context.Context, l conversation.MailLimit) error {
	names, err := s.c.Names(ctx, s.version.Definition)
	if err != nil {
		return err
	}
	nameRows(s.run.Verdict, s.version.Definition, names)
	s.run.State, s.run.Reason = automation.RunLimited, l.Reason
	s.keep(*s.run)
	return s.tellLimit(ctx, l)
}

// tellLimit counts that a limit was reached, and lets admins know of it, unless a
// workflow sets the limit for itself.
func (x *advance) tellLimit(ctx context.Context, l conversation.MailLimit) error {
	x.limits = append(x.limits, l.Kind)
	if l.Kind == conversation.LimitReplies {
		return nil
	}
	return x.c.TellLimit(ctx, l)
}

// mayNotice leaves out the users who got as many notices about machines' mail within
// an hour as they may. Other notices are not counted.
func (s *acting) mayNotice(ctx context.Context, users []conversation.User) (may []conversation.User, err error) {
	if !s.machineMail() {
		return users, nil
	}
	keys := make([]string, len(users))
	for i, u := range users {
		keys[i] = conversation.NoticeKey(u.Email)
	}
	got, err := s.gotMail(ctx, slices.Clone(keys))
	if err != nil {
		return nil, err
	}
	for i, u := range users {
		var at []time.Time
		for _, m := range got {
			if m.Recipient == keys[i] {
				at = append(at, m.At)
			}
		}
		if _, full := conversation.Room(at, 1, s.around.Limits.OrDefault().MachineNotices, conversation.BudgetWindow, s.now); !full {
			may = append(may, u)
		}
	}
	if len(may) < len(users) {
		s.limits = append(s.limits, conversation.LimitNotices)
	}
	return may, nil
}

// countNotice counts a notice about a machine's mail.
func (s *acting) countNotice(d *delivery.Delivery, u conversation.User) {
	if s.machineMail() {
		s.countRecipients(d, []conversation.AutomaticMail{{Recipient: conversation.NoticeKey(u.Email), At: s.now}})
	}
}

// holding is what a due time that waits is found by.
type holding struct {
	definition automation.DefinitionID
	episode    string
}

// hold keeps the due time until the run's mail may go. false: that would be too late.
func (x *advance) hold(ctx context.Context, due automation.Due, l conversation.MailLimit) (bool, error) {
	if !due.Waits() {
		due.DueAt = due.At
	}
	if l.Opens.IsZero() || l.Opens.After(due.DueAt.Add(runs.MaxHeld)) {
		return false, nil
	}
	due.At, due.Held = l.Opens, l.Reason
	x.keepHeld(due)
	return true, x.tellLimit(ctx, l)
}

func (x *advance) keepHeld(due automation.Due) {
	if x.held == nil {
		x.held = map[holding]automation.Due{}
	}
	x.held[holding{due.DefinitionID, due.Episode}] = due
}

// neverWent records that a due time waited until its mail might go, and that its
// conditions hold no more.
func (x *advance) neverWent(v automation.Version, due automation.Due) {
	run := x.newRun(v, x.recordDue(due))
	run.Trigger, run.DueAt, run.Episodes = automation.TriggerTime, due.DueAt, []string{due.Episode}
	run.State, run.Reason = automation.RunLimited, due.Held+"; when it might go, the conditions no longer held"
	x.keep(run)
}

// waitingDues makes the workflow's due times wait that were found to, and keeps those of
// them that are due no more: they end when they are looked at.
func (x *advance) waitingDues(v automation.Version, dues []automation.Due) []automation.Due {
	if len(x.held) == 0 {
		return dues
	}
	for i, d := range dues {
		if h, ok := x.held[holding{v.DefinitionID, d.Episode}]; ok && d.At.Before(h.At) {
			dues[i].At, dues[i].DueAt, dues[i].Held, dues[i].Spread = h.At, h.DueAt, h.Held, 0
		}
	}
	used := x.history.Used(v.DefinitionID, v.Mode)
	for key, h := range x.held {
		again := slices.ContainsFunc(dues, func(d automation.Due) bool { return d.Episode == key.episode })
		if key.definition == v.DefinitionID && h.VersionID == v.ID && !again && !used.Episodes[key.episode] {
			dues = append(dues, h)
		}
	}
	return dues
}
