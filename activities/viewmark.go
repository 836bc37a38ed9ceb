package activities

import (
	"strings"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

// marked gives a mail to the customer the mark by which their mail program says
// that it showed it, where the mailbox wants that: an HTML part with the text and
// one image. Without an address of ours there is nothing to load it from.
func (x *advance) marked(m *delivery.Mail, id conversation.MessageID) {
	mark := conversation.ViewMark(x.around.ViewKey, id)
	if !x.around.Mailbox.TrackViews || x.around.BaseURL == "" || mark == "" {
		return
	}
	m.HTML = mail.HTMLOf(m.Text, strings.TrimSuffix(x.around.BaseURL, "/")+"/v1/viewed/"+mark+".gif")
}
