package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// mailboxMail is the column that mailRow reads; the mailbox's alias is mb.
const mailboxMail = `jsonb_build_object('personal_senders', mb.personal_senders, 'import_mode', mb.import_mode, 'mail_answers', mb.mail_answers,
	'aliases', (SELECT coalesce(jsonb_agg(a.email ORDER BY a.email_key), '[]') FROM mailbox_addresses a WHERE a.mailbox_id = mb.id AND a.alias))`

// mailRow reads what a mailbox makes of mail.
type mailRow conversation.MailSettings

// Scan implements sql.Scanner.
func (m *mailRow) Scan(value any) error {
	var raw []byte
	switch v := value.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("store: a mailbox's mail settings are %T", value)
	}
	var row struct {
		Aliases         []string                 `json:"aliases"`
		PersonalSenders []string                 `json:"personal_senders"`
		ImportMode      bool                     `json:"import_mode"`
		Answers         conversation.MailAnswers `json:"mail_answers"`
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return err
	}
	*m = mailRow(row)
	return nil
}

func cleanMail(p *problems, m *conversation.Mailbox) {
	set := &m.Mail
	if set.Answers == "" {
		set.Answers = conversation.AnswersNote
	}
	if set.Answers != conversation.AnswersNote && set.Answers != conversation.AnswersReply {
		p.add("mail_answers", "this must be note or reply")
	}
	aliases := map[string]string{}
	own := conversation.AddressKey(m.Email)
	for i, a := range set.Aliases {
		clean := p.address(at("aliases", i), a)
		if key := conversation.AddressKey(clean); key != own {
			aliases[key] = clean
		}
	}
	set.Aliases = sortedByKey(aliases)
	if len(set.Aliases) > conversation.MaxAliases {
		p.add("aliases", "a mailbox has at most 100 aliases")
	}
	set.PersonalSenders = cleanSenders(p, set.PersonalSenders)
}

// sortedByKey returns the addresses in the order of their keys.
func sortedByKey(addresses map[string]string) []string {
	keys := make([]string, 0, len(addresses))
	for key := range addresses {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		keys[i] = addresses[key]
	}
	return keys
}

// cleanSenders brings addresses and domains into the form in which mails' senders are
// compared with them.
func cleanSenders(p *problems, senders []string) []string {
	var out []string
	for i, text := range senders {
		name := strings.TrimPrefix(strings.TrimSpace(text), "@")
		if strings.Contains(name, "@") {
			name = conversation.AddressKey(p.address(at("personal_senders", i), name))
		} else if name = conversation.ASCIIDomain(name); !isDomain(name) {
			p.add(at("personal_senders", i), "this must be an address like news@example.com or a domain like example.com")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) > conversation.MaxPersonalSenders {
		p.add("personal_senders", "a mailbox has at most 100 personal senders")
	}
	return out
}

// isDomain tells whether a name can stand behind an @.
func isDomain(name string) bool {
	return len(name) > 2 && len(name) <= 253 && strings.Contains(name, ".") && !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'
	})
}
