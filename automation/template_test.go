package automation

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/property"
)

func someVars() Vars {
	return Vars{
		Conversation: conversation.Conversation{Number: 42, Subject: `A "quote" & <b>`},
		URL:          "https://desk.example/c/42",
		Customer: conversation.Customer{FirstName: "Ann", LastName: "Lee", Company: "Acme",
			Emails: []string{"ann@example.com", "x@example.com"}},
		Mailbox:      conversation.Mailbox{Name: "Support", Email: "support@smarticks.test"},
		WorkflowUser: &conversation.User{Name: "Workflow", Email: "wf@smarticks.test"},
		Assignee:     &conversation.User{Name: "Bob van der Berg", Email: "bob@smarticks.test"},
		Now:          time.Date(2026, 11, 23, 9, 5, 0, 0, time.FixedZone("CET", 3600)),
	}
}

func TestEveryVariableHasItsValue(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"subject": `A "quote" & <b>`, "conversation.number": "42", "conversation.url": "https://desk.example/c/42",
		"customer.email": "ann@example.com", "customer.fullName": "Ann Lee", "customer.firstName": "Ann", "customer.lastName": "Lee",
		"customer.company": "Acme",
		"mailbox.name":     "Support", "mailbox.email": "support@smarticks.test", "mailbox.fromName": "Support",
		"user.fullName": "Workflow", "user.firstName": "Workflow", "user.lastName": "", "user.email": "wf@smarticks.test",
		"assignee.fullName": "Bob van der Berg", "assignee.firstName": "Bob", "assignee.lastName": "van der Berg",
		"assignee.email": "bob@smarticks.test",
		"agent.fullName": "", "agent.firstName": "", "agent.lastName": "", "agent.email": "",
		"now": "2026-11-23 09:05 CET",
	}
	for _, v := range variables {
		expected, ok := want[v.name]
		if !ok {
			t.Errorf("%s has no case", v.name)
		}
		tpl, bad := ParseTemplate("<{%" + v.name + "%}>")
		if got := tpl.Render(Text, someVars()); len(bad) > 0 || got != "<"+expected+">" {
			t.Errorf("%s is %q, want %q %v", v.name, got, expected, bad)
		}
		tpl, _ = ParseTemplate("{%" + v.name + ",fallback=none%}")
		if got := tpl.Render(Text, Vars{}); got != "none" {
			t.Errorf("%s without a value is %q", v.name, got)
		}
	}
	from, _ := ParseTemplate("{%mailbox.fromName%}")
	if got := from.Render(Text, Vars{Mailbox: conversation.Mailbox{Name: "Support", FromName: "The team"}}); got != "The team" {
		t.Errorf("the sender's name is %q", got)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	hostile := someVars()
	hostile.Customer.FirstName = "Eve\r\nBcc: all@example.com\x00<script>\"\\"
	for _, c := range []struct {
		name, source string
		target       Target
		vars         Vars
		want         string
	}{
		{"plain text", "Hello, 100 % {sure} }% %}", Text, someVars(), "Hello, 100 % {sure} }% %}"},
		{"nothing", "", Text, someVars(), ""},
		{"a variable between texts", "Hi {%customer.firstName%}!", Text, someVars(), "Hi Ann!"},
		{"two that touch", "{%customer.firstName%}{%customer.lastName%}", Text, someVars(), "AnnLee"},
		{"spaces around the name", "{% customer.firstName %}", Text, someVars(), "Ann"},
		{"a value instead of the fallback", "{%customer.firstName,fallback=there%}", Text, someVars(), "Ann"},
		{"the fallback", "Hi {%customer.firstName,fallback=dear friend%},", Text, Vars{}, "Hi dear friend,"},
		{"a fallback with a comma and an equals sign", "{%customer.firstName, fallback=a,b=c%}", Text, Vars{}, "a,b=c"},
		{"a blank value is missing", "{%customer.firstName,fallback=there%}", Text, Vars{Customer: conversation.Customer{FirstName: " "}},
			"there"},
		{"an empty fallback", "<{%customer.firstName,fallback=%}>", Text, Vars{}, "<>"},
		{"no fallback", "<{%customer.firstName%}>", Text, Vars{}, "<>"},
		{"a lone opening mark", "a {% b", Text, someVars(), "a {% b"},
		{"a lone opening mark before a variable", "a {% b {%customer.firstName%}", Text, someVars(), "a {% b Ann"},
		{"a lone closing mark before a variable", "%} {%customer.firstName%}", Text, someVars(), "%} Ann"},
		{"values are not read again", "{%subject%}", Text, Vars{Conversation: conversation.Conversation{Subject: "{%now%}"}}, "{%now%}"},
		{"values are escaped in HTML, the template is HTML", "<b>{%subject%}</b>", HTML, someVars(), "<b>A &#34;quote&#34; &amp; &lt;b&gt;</b>"},
		{"fallbacks are escaped in HTML", "{%customer.firstName,fallback=<i>%}", HTML, Vars{}, "&lt;i&gt;"},
		{"no line can be smuggled into a header", "Re: {%customer.firstName%}", Header, hostile, `Re: Eve Bcc: all@example.com <script>"\`},
		{"a header's own line end goes too", "Re:\n {%customer.lastName%}\u2028x\n", Header, someVars(), "Re:  Lee x"},
		{"values are escaped in JSON", `{"name": "{%customer.firstName%}"}`, JSON, hostile,
			`{"name": "Eve\r\nBcc: all@example.com\u0000<script>\"\\"}`},
		{"broken UTF-8 is mended in JSON", `"{%subject%}"`, JSON, Vars{Conversation: conversation.Conversation{Subject: "a\xff"}}, `"a\ufffd"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tpl, bad := ParseTemplate(c.source)
			if got := tpl.Render(c.target, c.vars); len(bad) > 0 || got != c.want {
				t.Errorf("%q, want %q %v", got, c.want, bad)
			}
		})
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, source, words string }{
		{"an unknown variable with a near one", "é{%customer.firstname%}", `did you mean "customer.firstName"? (at character 2)`},
		{"an unknown variable with none near", "{%weather%}", `unknown variable "weather": known are subject, `},
		{"what is no custom field's name", "{%field.Pri{ority%}", `unknown variable`},
		{"another option", "{%subject,default=x%}", "comes fallback=text"},
		{"an empty name", "{%%}", `unknown variable ""`},
		{"a language with loops", "{% for x in y %}", "unknown variable"},
		{"a book", strings.Repeat("x", MaxTemplateBytes+1), "at most 65536"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, bad := ParseTemplate(c.source)
			onlyProblem(t, bad, "", c.words)
		})
	}
	if _, bad := ParseTemplate("{%a%} {%subject%} {%b%}"); len(bad) != 2 {
		t.Errorf("both unknown variables are told: %v", bad)
	}
}

func TestATreeIsRenderedInItsStrings(t *testing.T) {
	t.Parallel()
	tree := map[string]any{"number": "{%conversation.number%}", "list": []any{"{%subject%}", 1.5, nil, true}, "{%now%}": "x"}
	got := RenderTree(tree, someVars())
	want := map[string]any{"number": "42", "list": []any{`A "quote" & <b>`, 1.5, nil, true}, "{%now%}": "x"}
	if !reflect.DeepEqual(got, want) || tree["number"] != "{%conversation.number%}" {
		t.Errorf("%v", got)
	}
}

func TestARenderedTemplateIsSafeWhateverTheValue(t *testing.T) {
	property.Check(t, 5_000, func(t *rapid.T) {
		subject := rapid.String().Draw(t, "subject")
		vars := Vars{Conversation: conversation.Conversation{Subject: subject}}
		tpl, _ := ParseTemplate(`"{%subject,fallback=none%}"`)
		var back string
		if err := json.Unmarshal([]byte(tpl.Render(JSON, vars)), &back); err != nil || strings.TrimSpace(subject) != "" && back != subject {
			t.Fatalf("JSON: %v, %q", err, back)
		}
		if s := tpl.Render(Header, vars); strings.ContainsAny(s, "\r\n\x00") {
			t.Fatalf("header: %q", s)
		}
		if s := tpl.Render(HTML, vars); strings.ContainsAny(s, "<>") || strings.Count(s, `"`) != 2 {
			t.Fatalf("HTML: %q", s)
		}
	})
}
