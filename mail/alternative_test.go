package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

func TestTheHTMLOfATextShowsItAndDoesNothing(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</div></body>", "a & b &lt;", "<!-- -->", "'); DROP", "x\x00y<b>",
	} {
		got := mail.HTMLOf(hostile, `https://desk.example/v1/viewed/a.gif?"><script>`)
		if n := strings.Count(got, "<"); n != strings.Count(mail.HTMLOf("x", "y"), "<") {
			t.Errorf("%q adds a tag: %s", hostile, got)
		}
		if strings.ContainsRune(got, 0) {
			t.Errorf("%q: NUL in %q", hostile, got)
		}
	}
	got := mail.HTMLOf("Hello <Ann>,\n\n> 1 < 2\n", "https://desk.example/v1/viewed/a.gif")
	want := `<!DOCTYPE html><html><body><div style="white-space:pre-wrap">Hello &lt;Ann&gt;,` + "\n\n" +
		`&gt; 1 &lt; 2</div><img src="https://desk.example/v1/viewed/a.gif" width="1" height="1" alt=""></body></html>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(mail.HTMLOf("x", ""), "<img") {
		t.Error("an image without an address")
	}
}

func TestAMailWithBothPartsReadsTheSame(t *testing.T) {
	t.Parallel()
	text := "Grüße <Ann> & co.\n\n> quoted"
	raw, err := mail.Compose(delivery.Mail{
		FromAddress: "support@smarticks.test", To: []string{"ann@example.com"}, Subject: "Re: it", Text: text,
		HTML:      mail.HTMLOf(text, "https://d.example/i.gif"),
		MessageID: "m1@smarticks.test", Date: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8",
		"Gr=C3=BC=C3=9Fe <Ann> & co.", "&lt;Ann&gt; &amp; co."} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%q is missing:\n%s", want, raw)
		}
	}
}
