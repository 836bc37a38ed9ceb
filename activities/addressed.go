package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// addressed is to whom the mail of an action goes, and under which subject.
type addressed struct {
	to, cc, bcc []string
	subject     string
	// not says why no mail goes; without a state: one does.
	not runs.ActionOutcome
}

// addressees say so for the actions that mail to outside.
var addressees = map[string]func(ctx context.Context, s *acting, a automation.Action) (addressed, error){
	automation.DoReply:   addressReply,
	automation.DoEmail:   addressEmail,
	automation.DoForward: addressForward,
}

// planned lists the mail to outside that the run's actions will send, as the limits
// count it, and how much of it goes to the customer. An action that will fail sends
// none.
func (s *acting) planned(ctx context.Context) (mails []conversation.AutomaticMail, toCustomer int, err error) {
	before := s.conv.Subject
	defer func() { s.conv.Subject = before }()
	for _, a := range s.version.Definition.Done() {
		address := addressees[a.Do]
		switch {
		case a.Do == automation.DoSetSubject: // what comes later goes under it
			if subject, err := s.render(ctx, a.Subject, automation.Header); err == nil {
				s.conv.Subject = subject
			}
			continue
		case address == nil:
			continue
		}
		m, err := address(ctx, s, a)
		switch {
		case mendable(err) || err == nil && m.not.State != "":
			continue
		case err != nil:
			return nil, 0, err
		}
		if a.MailsCustomer() {
			toCustomer++
		}
		mails = append(mails, s.automaticMails(m.subject, m.to, m.cc, m.bcc)...)
	}
	return mails, toCustomer, nil
}

// withoutOwn returns each list without our own addresses, which are looked up once.
func (x *advance) withoutOwn(ctx context.Context, lists ...[]string) ([][]string, error) {
	all := slices.Concat(lists...)
	for i, address := range all {
		all[i] = conversation.AddressKey(address)
	}
	if unknown := slices.DeleteFunc(slices.Clone(all), func(key string) bool { _, known := x.ours[key]; return known }); len(unknown) > 0 {
		own, err := x.c.OwnAddresses(ctx, unknown)
		if err != nil {
			return nil, err
		}
		if x.ours == nil {
			x.ours = map[string]bool{}
		}
		for _, key := range unknown {
			x.ours[key] = slices.Contains(own, key)
		}
	}
	out := make([][]string, len(lists))
	for i, list := range lists {
		out[i] = slices.DeleteFunc(slices.Clone(list), func(address string) bool { return x.ours[conversation.AddressKey(address)] })
	}
	return out, nil
}
