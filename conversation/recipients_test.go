package conversation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReplyToAll(t *testing.T) {
	t.Parallel()
	ours := func(address string) bool {
		return slices.ContainsFunc([]string{"support@example.com", "help@example.com"}, func(own string) bool {
			local, domain, _ := strings.Cut(AddressKey(address), "@")
			before, _, _ := strings.Cut(local, "+")
			return before+"@"+domain == own
		})
	}
	const ana, rui, ines = "ana@client.example.org", "rui@client.example.org", "ines@client.example.org"
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprintf("p%d@client.example.org", i)
	}
	for _, c := range []struct {
		name   string
		last   *Message
		to, cc string
	}{
		{"nobody wrote yet", nil, ana, ""},
		{"colleagues in copy", &Message{From: ana, To: []string{"support@example.com", rui}, Cc: []string{ines}}, ana + " " + rui, ines},
		{"a colleague wrote to us alone", &Message{From: rui, To: []string{"support@example.com"}}, rui + " " + ana, ""},
		{"a colleague wrote to all", &Message{From: rui, To: []string{"Support@Example.com", ana}, Cc: []string{ines}}, rui + " " + ana, ines},
		{"an alias and a detail of ours", &Message{From: ana, To: []string{"support+7@example.com"}, Cc: []string{"help@example.com", rui}},
			ana, rui},
		{"each once, whatever the case", &Message{From: ana, To: []string{rui, "RUI@client.example.org"},
			Cc: []string{rui, "Ana@Client.example.org", ines}}, ana + " " + rui, ines},
		{"one domain in two forms", &Message{From: ana, To: []string{"k@bücher.example", "k@xn--bcher-kva.example"}},
			ana + " k@bücher.example", ""},
		{"what is no address", &Message{From: ana, To: []string{"", "undisclosed-recipients:;", "Rui <" + rui + ">", "rui", "a b@x.example",
			"rüdiger@x.example", rui + "\r\nBcc: x@x.example"}, Cc: []string{strings.Repeat("x", 300) + "@x.example"}}, ana, ""},
		{"too many", &Message{From: ana, To: many}, ana + " " + strings.Join(many[:MaxRecipients-1], " "), ""},
	} {
		got := ReplyToAll(ana, c.last, ours)
		if strings.Join(got.To, " ") != c.to || strings.Join(got.Cc, " ") != c.cc || got.Bcc != nil {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := ReplyToAll("", nil, ours); len(got.All()) != 0 {
		t.Errorf("a customer without an address: %q", got)
	}
}
