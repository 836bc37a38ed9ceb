package directory

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

func cleanMail(p *pg.Problems, m *conversation.Mailbox) {
	set := &m.Mail
	if set.Answers == "" {
		set.Answers = conversation.AnswersNote
	}
	if set.Answers != conversation.AnswersNote && set.Answers != conversation.AnswersReply {
		p.Add("mail_answers", "this must be note or reply")
	}
	aliases := map[string]string{}
	own := conversation.AddressKey(m.Email)
	for i, a := range set.Aliases {
		clean := p.Address(pg.At("aliases", i), a)
		if key := conversation.AddressKey(clean); key != own {
			aliases[key] = clean
		}
	}
	set.Aliases = sortedByKey(aliases)
	if len(set.Aliases) > conversation.MaxAliases {
		p.Add("aliases", "a mailbox has at most 100 aliases")
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
func cleanSenders(p *pg.Problems, senders []string) []string {
	var out []string
	for i, text := range senders {
		name := strings.TrimPrefix(strings.TrimSpace(text), "@")
		if strings.Contains(name, "@") {
			name = conversation.AddressKey(p.Address(pg.At("personal_senders", i), name))
		} else if name = conversation.ASCIIDomain(name); !isDomain(name) {
			p.Add(pg.At("personal_senders", i), "this must be an address like news@example.com or a domain like example.com")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) > conversation.MaxPersonalSenders {
		p.Add("personal_senders", "a mailbox has at most 100 personal senders")
	}
	return out
}

// isDomain reports whether a name can stand behind an @.
func isDomain(name string) bool {
	return len(name) > 2 && len(name) <= 253 && strings.Contains(name, ".") && !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'
	})
}
