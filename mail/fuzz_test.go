package mail

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.eml")
	examples, _ := filepath.Glob("../examples/mail/*.eml")
	for _, name := range append(files, examples...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, kind := range hostileKinds {
		f.Add([]byte(kind.mail(300)))
	}
	handed, _ := filepath.Glob("testdata/handed/*/*.eml")
	for _, name := range handed {
		f.Add(readFile(f, name))
	}
	f.Add([]byte("From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		in := Parse(raw, Envelope{From: "a@b.c"})
		checkSane(t, in)
		if in.Problem == "the mail could not be read" {
			t.Error("the parser panicked")
		}
		if string(raw) != before {
			t.Error("the raw mail was changed")
		}
		if again := Parse(raw, Envelope{From: "a@b.c"}); !reflect.DeepEqual(in, again) {
			t.Error("a second look sees something else")
		}
	})
}

func FuzzCompose(f *testing.F) {
	for _, s := range bad {
		f.Add(s, s, s, s, s)
	}
	f.Fuzz(func(t *testing.T, name, subject, text, html, id string) {
		m := delivery.Mail{
			FromName: name, FromAddress: "support@smarticks.test", To: []string{"ann@example.com"}, Subject: subject, Text: text, HTML: html,
			MessageID: "d@smarticks.test", InReplyTo: id, References: []string{id}, Date: time.Unix(1, 0), Loop: subject,
		}
		b := compose(t, m)
		checkWire(t, b)
		readStrictly(t, b)
		in := Parse(b, Envelope{From: "x@y.z"})
		if in.FromAddress != m.FromAddress || len(in.To) != 1 || in.To[0] != "ann@example.com" || len(in.Cc) != 0 ||
			in.MessageIDHeader != m.MessageID {
			t.Errorf("read back from %q to %q cc %q id %q", in.FromAddress, in.To, in.Cc, in.MessageIDHeader)
		}
		m.To = []string{id}
		if b, err := Compose(m); err == nil {
			checkWire(t, b)
		}
	})
}
