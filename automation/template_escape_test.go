package automation

import (
	"encoding/json"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// hostileValues are what customers may write, and what it must come to: as it is
// in a text, escaped in HTML and JSON, one honest line in a header.
var hostileValues = []struct{ value, inHTML, inJSON, inHeader string }{
	{`"quoted" 'and' \slashed`, `&#34;quoted&#34; &#39;and&#39; \slashed`, `\"quoted\" 'and' \\slashed`, `"quoted" 'and' \slashed`},
	{`<script>alert(1)</script>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `<script>alert(1)</script>`, `<script>alert(1)</script>`},
	{`"><img src=x onerror=a()>`, `&#34;&gt;&lt;img src=x onerror=a()&gt;`, `\"><img src=x onerror=a()>`, `"><img src=x onerror=a()>`},
	{`&lt;b&gt; & co`, `&amp;lt;b&amp;gt; &amp; co`, `&lt;b&gt; & co`, `&lt;b&gt; & co`},
	{"a\r\nBcc: eve@example.com", "a\r\nBcc: eve@example.com", `a\r\nBcc: eve@example.com`, "a Bcc: eve@example.com"},
	{"a\x00b\x7fc", "a\x00b\x7fc", `a\u0000b` + "\x7f" + `c`, "a b c"},
	{"a\u2028b\u2029c", "a\u2028b\u2029c", `a\u2028b\u2029c`, "a b c"},
	{"a\u202Egpj.exe\u2066x", "a\u202Egpj.exe\u2066x", "a\u202Egpj.exe\u2066x", "agpj.exex"},
	{"\u200Fשלום\u200E", "\u200Fשלום\u200E", "\u200Fשלום\u200E", "\u200Fשלום\u200E"},
	{"{%customer.email%}", "{%customer.email%}", "{%customer.email%}", "{%customer.email%}"},
	{"%} {%now,fallback=x%} {%", "%} {%now,fallback=x%} {%", "%} {%now,fallback=x%} {%", "%} {%now,fallback=x%} {%"},
	{`</textarea>{"a":1}`, `&lt;/textarea&gt;{&#34;a&#34;:1}`, `</textarea>{\"a\":1}`, `</textarea>{"a":1}`},
}

// TestHostileValuesAreHarmlessInEveryTarget renders each as a value and as a
// fallback: what cannot be written in a template is the only difference.
func TestHostileValuesAreHarmlessInEveryTarget(t *testing.T) {
	t.Parallel()
	for _, c := range hostileValues {
		vars := someVars()
		vars.Conversation.Subject = c.value
		byTarget := map[Target]string{Text: c.value, HTML: c.inHTML, JSON: c.inJSON, Header: c.inHeader}
		for target, want := range byTarget {
			tpl, bad := ParseTemplate("[{%subject%}]")
			if got := tpl.Render(target, vars); len(bad) > 0 || got != "["+want+"]" {
				t.Errorf("%q in target %d: %q, want %q", c.value, target, got, "["+want+"]")
			}
			if strings.Contains(c.value, closeMark) {
				continue
			}
			if _, bad = ParseTemplate("[{%customer.phone.none,fallback=" + c.value + "%}]"); len(bad) != 1 {
				t.Errorf("%q: an unknown variable passes", c.value)
			}
			tpl, bad = ParseTemplate("[{%agent.email,fallback=" + c.value + "%}]")
			if got := tpl.Render(target, vars); len(bad) > 0 || got != "["+want+"]" {
				t.Errorf("fallback %q in target %d: %q, want %q", c.value, target, got, "["+want+"]")
			}
		}
		if back := html.UnescapeString(c.inHTML); back != c.value {
			t.Errorf("HTML %q reads as %q", c.inHTML, back)
		}
		var back string
		if err := json.Unmarshal([]byte(`"`+c.inJSON+`"`), &back); err != nil || back != c.value {
			t.Errorf("JSON %q reads as %q, %v", c.inJSON, back, err)
		}
		tree, err := json.Marshal(RenderTree(map[string]any{"list": []any{"{%subject%}"}}, vars))
		var read struct{ List []string }
		if err != nil || json.Unmarshal(tree, &read) != nil || len(read.List) != 1 || read.List[0] != c.value {
			t.Errorf("the body %s holds %q", tree, read.List)
		}
	}
}

// TestAnUnknownVariableIsRefusedWithTheNearest takes one letter from each name.
func TestAnUnknownVariableIsRefusedWithTheNearest(t *testing.T) {
	t.Parallel()
	for _, v := range variables {
		wrong := v.name[:len(v.name)-1] + "x"
		_, bad := ParseTemplate("{%" + wrong + "%}")
		if len(bad) != 1 || !strings.Contains(bad[0].Message, v.name) {
			t.Errorf("%s: %v does not name %s", wrong, bad, v.name)
		}
	}
}

// hostileSeeds are seeds for the fuzzer too.
func hostileSeeds() []string {
	var out []string
	for _, c := range hostileValues {
		out = append(out, c.value)
	}
	return out
}

// checkEscapes says what is wrong with how a value was rendered.
func checkEscapes(t *testing.T, vars Vars) {
	t.Helper()
	only, _ := ParseTemplate("{%subject%}")
	if got := only.Render(HTML, vars); strings.ContainsAny(got, `<>"'`) {
		t.Fatalf("a mark of HTML in %q", got)
	}
	if got := only.Render(Header, vars); strings.ContainsAny(got, "\r\n\x00\u2028\u2029\u202E") {
		t.Fatalf("a line end or a reversal in the header %q", got)
	}
	if got, want := only.Render(Text, vars), vars.Conversation.Subject; strings.TrimSpace(want) != "" && got != want {
		t.Fatalf("the text %q is %q", want, got)
	}
}

// What the customer chose is missing without the customer: in every variable that
// there is, of the catalogue and of custom fields.
func TestVariablesWithoutTheCustomer(t *testing.T) {
	t.Parallel()
	const words = "CANARY"
	user := &conversation.User{Name: "Bea", Email: "bea@example.com"}
	v := Vars{
		Conversation: conversation.Conversation{Number: 7, Subject: words, Tags: []string{words}, RatingComment: words,
			Fields: map[string]string{"topic": words, "Topic": words}},
		URL: "https://desk.example/7", Customer: conversation.Customer{FirstName: words, LastName: words, Company: words,
			Phone: words, Emails: []string{words}},
		Mailbox:      conversation.Mailbox{Name: "Support", Fields: []conversation.Field{{Name: "Topic", Type: conversation.FieldText}}},
		WorkflowUser: user, Assignee: user, Agent: user, Now: time.Now(),
	}
	source := "{%field.Topic,fallback=none%}"
	for _, known := range variables {
		source += " {%" + known.name + "%}"
	}
	tmpl, bad := ParseTemplate(source)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	if with := tmpl.Render(Text, v); strings.Count(with, words) < 6 {
		t.Errorf("with the customer: %s", with)
	}
	without := tmpl.Render(Text, v.WithoutCustomer())
	if strings.Contains(without, words) || !strings.Contains(without, "none") || !strings.Contains(without, "bea@example.com") ||
		!strings.Contains(without, "7") {
		t.Errorf("without the customer: %s", without)
	}
}
