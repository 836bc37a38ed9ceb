package mail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

// readFile reads a mail kept with LF line ends.
func readFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

func TestUglyFiles(t *testing.T) {
	type seen struct {
		Name, From, Subject, Text, ID, Problem string
		Machine                                conversation.Machine
		Files                                  string
	}
	tests := map[string]seen{
		"filter-line.eml": {From: "ann@example.com", Subject: "header line without a colon", Text: "The text is still here.",
			ID:      "filter@example.com",
			Problem: "a header line could not be read"},
		"raw-latin1.eml":  {Name: "Jörg Müller", From: "joerg@example.com", Subject: "Rückgabe", Text: "Schöne Grüße", ID: "latin@example.com"},
		"iso-2022-jp.eml": {Name: "社長", From: "jp@example.com", Subject: "返金", Text: "返金", ID: "jp@example.com"},
		"not-closed.eml": {From: "ann@example.com", Subject: "cut off on the way", Text: "Only half of", ID: "cut@example.com",
			Problem: "a part is not closed"},
		"bounce.eml": {Name: "Mail Delivery System", From: "mailer-daemon@mx.example.com", Subject: "Undelivered Mail Returned to Sender",
			Text: "This is the mail system. I could not deliver your mail.", ID: "bounce@mx.example.com", Machine: conversation.MachineBounce,
			Files: "attachment-1.txt message/delivery-status, Re hello.eml message/rfc822"},
		"outlook-html.eml": {Name: "Example, Ann", From: "ann@example.com", Subject: "Refund 🙂", Text: "I want my refund.\n\nThank you\nAnn",
			ID: "html@example.com"},
		"nameless-attachment.eml": {From: "ann@example.com", Subject: "files", Text: "See the files.", ID: "files@example.com",
			Files: "attachment-1.png image/png, boot.ini application/octet-stream"},
	}
	files, _ := filepath.Glob("testdata/*.eml")
	if len(files) != len(tests) {
		t.Fatalf("%d files, %d expectations", len(files), len(tests))
	}
	for _, name := range files {
		in := Parse(readFile(t, name), Envelope{From: "x@example.com"})
		checkSane(t, in)
		var attached []string
		for _, a := range in.Attachments {
			attached = append(attached, a.Name+" "+a.ContentType)
		}
		got := seen{in.FromName, in.FromAddress, in.Subject, in.Text, in.MessageIDHeader, in.Problem, in.Machine, strings.Join(attached, ", ")}
		if diff := cmp.Diff(tests[filepath.Base(name)], got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestExampleMailsAreReadable(t *testing.T) {
	files, _ := filepath.Glob("../examples/mail/*.eml")
	if len(files) == 0 {
		t.Fatal("no example mails")
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("\r")) || bytes.Count(raw, []byte("MESSAGE-ID")) != 1 {
			t.Errorf("%s: not LF, or without the placeholder", name)
		}
		in := Parse(readFile(t, name), Envelope{From: "x@example.com"})
		var machine conversation.Machine
		if filepath.Base(name) == "autoreply.eml" {
			machine = conversation.MachineAutoReply
		}
		if in.Problem != "" || in.MessageIDHeader != "MESSAGE-ID" || in.Text == "" || in.Machine != machine || len(in.To) != 1 ||
			in.To[0] != "support@smarticks.test" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}
