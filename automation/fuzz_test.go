package automation

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// seeds are workflows, good and bad, as their authors write them.
var seeds = []string{
	designExample,
	`{"name":"A","type":"manual","actions":[{"do":"assign","to":"me"},{"do":"notify","to":["assignee","u1"],"subject":"{%subject%}",
		"body":"x"},{"do":"stop"}]}`,
	`{"name":"A","type":"automatic","max_runs":20,"conditions":[{"any":[{"field":"waiting_since","op":"longer_than","value":"24h"},
		{"field":"created","op":"in_the_last","value":"3d"}]}],"actions":[{"do":"email","subject":"a","body":"b"}]}`,
	`{"name":"A","type":"automatic","conditions":[{"any":[{"field":"moved_here","from":"m1"},{"field":"tags","op":"has_none","value":["a",
		"b"]}]},{"any":[{"field":"assignee","op":"is_not","value":"unassigned"}]}],"actions":[{"do":"move","mailbox":"m2"}]}`,
	`{"name":"A","type":"automatic","conditions":[{"any":[{"field":"subject","op":"matches","value":"/(?=x)/i"},{"field":"body",
		"op":"does_not_contain","value":""}]}],"actions":[{"do":"set_status","status":"closed"}]}`,
	`{"name":null,"typ":"","conditions":[[],{"any":[1,{}]}],"actions":[{"do":"webhook","url":"http://[","headers":{"a":1},
		"body":{"a":[[["{%x%}"]]]}}]}`,
	`[]`, `null`, `{}`,
}

// FuzzDecode: whatever JSON there is, decoding and compiling it ends without a
// panic, gives the same twice, and what was read can be written and read again.
func FuzzDecode(f *testing.F) {
	f.Add(writtenWithTests(f))
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		var tree any
		if json.Unmarshal(source, &tree) != nil {
			return
		}
		d, bad := Decode(tree, "mode")
		for _, p := range bad {
			if p.Message == "" || !utf8.ValidString(p.Message) || !utf8.ValidString(p.Path) {
				t.Fatalf("a problem that cannot be told: %+q", p)
			}
		}
		again, badAgain := Decode(tree, "mode")
		if !reflect.DeepEqual(d, again) || !slices.Equal(bad, badAgain) {
			t.Fatalf("not the same twice: %+v, %+v", bad, badAgain)
		}
		for _, p := range CheckTests(d) {
			if p.Message == "" || !utf8.ValidString(p.Message) || !utf8.ValidString(p.Path) {
				t.Fatalf("a problem that cannot be told: %+q", p)
			}
		}
		p, wrong := Compile(d)
		if (p == nil) != (len(wrong) > 0) {
			t.Fatalf("a program and problems, or neither: %+v", wrong)
		}
		Problems(bad, wrong)
		for _, g := range d.Conditions {
			for _, c := range g.Any {
				if c.Field != "" && c.Sentence(nil) == "" {
					t.Fatalf("no sentence for %+v", c)
				}
			}
		}
		for _, a := range d.Actions {
			a.Sentence(nil)
		}
		if len(bad) > 0 || p == nil {
			return
		}
		raw, err := json.Marshal(Encode(d))
		if err != nil {
			t.Fatal(err)
		}
		var back any
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		read, bad := Decode(back)
		if _, wrong := Compile(read); len(bad) > 0 || len(wrong) > 0 {
			t.Fatalf("%s\nis not good any more: %v %v", raw, bad, wrong)
		}
		if second, _ := json.Marshal(Encode(read)); string(second) != string(raw) {
			t.Fatalf("written as\n%s and then as\n%s", raw, second)
		}
	})
}

// FuzzCompileEvaluate: the two ways to evaluate agree on whatever text, and what
// is due can be run.
func FuzzCompileEvaluate(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), "Refund please", "my money\r\nback", int64(90))
	}
	f.Add([]byte(seeds[0]), "İı\u0307ſ\u200B", "\xff\x00ß", int64(-5))
	f.Fuzz(func(t *testing.T, source []byte, subject, body string, seconds int64) {
		var tree any
		if json.Unmarshal(source, &tree) != nil {
			return
		}
		d, _ := Decode(tree, "mode")
		p, _ := Compile(d)
		if p == nil {
			return
		}
		facts := facts(now(t0.Add(time.Duration(seconds%1e6)*time.Second)), recent(body, subject), tags(subject), emails(body))
		facts.Conversation.Subject = subject
		facts.Conversation.LastAgentReplyAt = t0
		facts.Event = &conversation.Event{Kind: conversation.KindCustomerMessage}
		v := p.Evaluate(facts)
		if got := p.Holds(Prepare(facts)); got != v.Holds {
			t.Fatalf("Holds says %v, Evaluate %v", got, v.Holds)
		}
		for _, g := range v.Groups {
			for _, r := range g.Rows {
				if !utf8.ValidString(r.Actual) || utf8.RuneCountInString(r.Actual) > actualLength {
					t.Fatalf("actual value %+q", r.Actual)
				}
			}
		}
		facts.Event, facts.Message = nil, nil
		for _, due := range p.Dues(facts, Used{}) {
			if facts.Now = due.At; due.At.Before(t0) {
				continue
			}
			if holds := p.Evaluate(facts).Holds; holds != True {
				t.Fatalf("at %+v it is %v", due, holds)
			}
		}
	})
}

// FuzzPattern: whatever the pattern and the text, what is found out beforehand
// (literals, the index) changes no answer.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{`/money\s+back/i`, `(order|inv)\w*\s?#?\d{2,}`, "(?-i)K\u212A", "^ſtraße$", `(?i:a b)+c?`, "İ\u0307x"} {
		f.Add(s, "Money\u00A0 back, ORDER #12 k\u212Aſ STRASSE\u0301 a b c\xff")
	}
	f.Fuzz(func(t *testing.T, value, raw string) {
		p, problem := match.ParsePattern(value)
		if problem != "" {
			return
		}
		text := (*match.Text)(nil).Or(raw)
		want := p.MatchString(text.Raw)
		if first := Matches(text, p); (first == True) != want || Matches(text, p) != first {
			t.Fatalf("%q on %q: want %v; literals %q of %q", value, raw, want, p.Literals, text.SimpleFold())
		}
		set := newSet([]*Program{compiled(t, definition(cond("body", "matches", value)))}, 0)
		of := facts(event(conversation.KindCustomerMessage), message(raw))
		if may := set.Candidates(*of.Event, Prepare(of)); want && !may.bits.Has(0) {
			t.Fatalf("%q matches %q and is left out", value, raw)
		}
	})
}

// FuzzTemplate: whatever the template and the value, nothing escapes its place.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"Hi {%customer.firstName,fallback=there%}", "{%subject%}{%", "{%{%subject%}%}", "{%field.x%}",
		"{%subject,fallback=%}", "%}{%now%}"} {
		f.Add(s, "A \"quote\"\r\n<b>\x00\xff")
	}
	for _, value := range hostileSeeds() {
		f.Add("{%subject%}", value)
	}
	f.Fuzz(func(t *testing.T, source, subject string) {
		tpl, bad := ParseTemplate(source)
		for _, p := range bad {
			if p.Message == "" || !utf8.ValidString(p.Message) {
				t.Fatalf("%+q", p)
			}
		}
		vars := Vars{Conversation: conversation.Conversation{Subject: subject}}
		checkEscapes(t, vars)
		tpl.Render(Text, vars)
		tpl.Render(HTML, vars)
		for _, r := range tpl.Render(Header, vars) {
			if r == '\r' || r == '\n' || r == 0 {
				t.Fatal("a line end in a header")
			}
		}
		only, _ := ParseTemplate("{%subject%}")
		var back string
		if err := json.Unmarshal([]byte(`"`+only.Render(JSON, vars)+`"`), &back); err != nil {
			t.Fatal(err)
		}
	})
}
