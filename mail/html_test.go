package mail

import (
	"runtime"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/internal/property"
)

// allocatedBytes is what f allocates, garbage included: a measure of its work that
// no clock and no other load has a part in. Zero under the race detector, where pools
// forget at random what they hold.
func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if property.RaceDetector {
		return 0
	}
	return after.TotalAlloc - before.TotalAlloc
}

func TestStylesAreReducedToColoursAndAlignment(t *testing.T) {
	tests := []struct{ style, want string }{
		{"color: red", "color: red"},
		{"COLOR:#FF0000;Font-Weight : Bold !important;", "color: #ff0000; font-weight: bold"},
		{"margin:0; text-align:center; font-family:'a;b'", "text-align: center"},
		{"background-color:rgb(1, 2, 3)", "background-color: rgb(1, 2, 3)"},
		{"color:rgba(1,2,3,.5) url(x)", ""},
		{"background-color:url(https://evil.example/x)", ""},
		{"color:expression(alert(1))", ""},
		{"color:\\72 ed", ""},
		{"color:re/**/d", ""},
		{"position:fixed;top:0", ""},
		{"color", ""},
		{";;;:::", ""},
		{"color:" + strings.Repeat("a", 65), ""},
		{"color:red;" + strings.Repeat(" ", maxStyleBytes), ""},
	}
	for _, tt := range tests {
		want := "<p>x</p>"
		if tt.want != "" {
			want = `<p style="` + tt.want + `">x</p>`
		}
		got, cut := sanitise(`<p onclick="x" style="` + tt.style + `">x</p>`)
		if got != want || cut {
			t.Errorf("style %.40q: got %s, want %s", tt.style, got, want)
		}
	}
	got, _ := sanitise(`<P STYLE='color:red' sTyle="color:blue"><br style=font-weight:bold />x`)
	if want := `<p style="color: red"><br style="font-weight: bold"/>x`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNoStyleParserSeesStrangersText holds the policy to taking a style as it is or
// not at all: a parser of styles would keep the colour.
func TestNoStyleParserSeesStrangersText(t *testing.T) {
	if got := mailHTML.Sanitize(`<p style="margin:0;color: red">x</p>`); got != "<p>x</p>" {
		t.Errorf("the policy reads styles by itself: %s", got)
	}
	if got := mailHTML.Sanitize(`<p style="color: red">x</p>`); got != `<p style="color: red">x</p>` {
		t.Errorf("the policy refuses what styleOf writes: %s", got)
	}
}

// TestHostileStylesCostNoMoreThanTheirLength counts the bytes that are allocated.
func TestHostileStylesCostNoMoreThanTheirLength(t *testing.T) {
	for _, piece := range []string{"url(", "((((", "{{{{", "!!!!", "a:b;", "color:red;", `\41 `, "/**/", `''''`, "@@@@", "rgb("} {
		of := func(n int) uint64 {
			raw := []byte("From: a@b.c\r\nContent-Type: text/html\r\n\r\n<p style=\"" + strings.Repeat(piece, n/len(piece)) + "\">x</p>")
			return allocatedBytes(func() { Parse(raw, Envelope{From: "a@b.c"}) })
		}
		of(1000) // what is made once
		small, big := of(50_000), of(400_000)
		if big > 12*small || big > 30*400_000 {
			t.Errorf("%q: 50 KB cost %d bytes, 400 KB %d", piece, small, big)
		}
	}
}

func TestSanitisedHTMLHasALimitOfItsOwn(t *testing.T) {
	const tag = `<a href="http://x.example/">`
	for name, s := range map[string]string{
		"less-than signs": strings.Repeat("< ", maxTextBytes/2),
		"ampersands":      strings.Repeat("&", maxTextBytes),
		"quotes":          strings.Repeat(`'"`, maxTextBytes/2),
		"links":           strings.Repeat(tag, maxTextBytes/len(tag)),
		"wide characters": strings.Repeat("<b>ä€𝄞</b>&", maxTextBytes/20),
	} {
		got, cut := sanitise(s)
		if len(got) > maxTextBytes || len(got) < maxTextBytes-200 || !cut {
			t.Errorf("%s: %d bytes, cut %t", name, len(got), cut)
		}
		if i := max(strings.LastIndexByte(got, '&'), strings.LastIndexByte(got, '<')); i > strings.LastIndexAny(got, ";>") {
			t.Errorf("%s: ends within %q", name, got[i:])
		}
	}
	in := Parse([]byte("From: a@b.c\r\nContent-Type: text/html\r\n\r\n"+strings.Repeat("< ", maxTextBytes/2-10)), Envelope{})
	if len(in.HTML) > maxTextBytes || !strings.Contains(in.Problem, "the HTML is longer than 1 MB and was cut") {
		t.Errorf("%d bytes, problem %q", len(in.HTML), in.Problem)
	}
}

func TestALongSubjectIsCut(t *testing.T) {
	in := Parse([]byte("From: a@b.c\r\nSubject: "+strings.Repeat("ä", 200_000/2)+"\r\n\r\nx"), Envelope{})
	if in.Subject != strings.Repeat("ä", 1000) {
		t.Errorf("the subject has %d bytes", len(in.Subject))
	}
}
