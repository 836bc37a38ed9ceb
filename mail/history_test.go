package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

func TestHistoryQuotesNewestFirstWhatWentBetweenTheCustomerAndUs(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC)
	got := History([]conversation.Message{
		{Kind: conversation.MessageCustomer, From: "Ann", Text: "first\n\n> older\n", CreatedAt: at},
		{Kind: conversation.MessageNote, From: "Bea", Text: "he is difficult", CreatedAt: at.Add(time.Minute)},
		{Kind: conversation.MessageForward, From: "Bea", Text: "to the boss", CreatedAt: at.Add(time.Minute)},
		{Kind: conversation.MessageThirdParty, From: "Factory", Text: "it is all faulty", CreatedAt: at.Add(2 * time.Hour)},
		{Kind: "", From: "Nobody", Text: "of no kind", CreatedAt: at.Add(2 * time.Hour)},
		{Kind: conversation.MessageReply, From: "Bea\r\nBcc: x", Text: "second", CreatedAt: at.Add(time.Hour)},
	}, time.UTC, 0)
	want := `On Mon, 23 Nov 2026 at 11:05 UTC, Bea  Bcc: x wrote:
> second

On Mon, 23 Nov 2026 at 10:05 UTC, Ann wrote:
> first
>
>> older
`
	if got != want {
		t.Fatalf("got\n%s", got)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var messages []conversation.Message
	for range 400 {
		messages = append(messages, conversation.Message{Kind: conversation.MessageCustomer, From: "Ann", Text: strings.Repeat("line\n", 500)})
	}
	got := History(messages, time.UTC, 0)
	if len(got) > 100<<10 || !strings.HasSuffix(got, "> [earlier text left out]\n") {
		t.Fatalf("%d bytes, ends %q", len(got), got[len(got)-40:])
	}
	for _, limit := range []int{1, 10, 100, 1000} {
		if n := len(History(messages, time.UTC, limit)); n > limit {
			t.Errorf("limit %d: %d bytes", limit, n)
		}
	}
	if History(nil, time.UTC, 0) != "" {
		t.Error("no messages, but a history")
	}
}
