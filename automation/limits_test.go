package automation

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// many returns n texts as JSON, joined by commas; %d is the number.
func many(n int, text string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.Contains(text, "%d") {
			fmt.Fprintf(&b, text, i)
		} else {
			b.WriteString(text)
		}
	}
	return b.String()
}

// TestTheLimitsOfADefinitionComeBeforeTheWork gives definitions of about 1 MiB that
// hold more than there may be. Work is counted in allocations, which no load changes.
func TestTheLimitsOfADefinitionComeBeforeTheWork(t *testing.T) {
	automatic := func(more string) string { return `{"name":"a","type":"automatic",` + more + `}` }
	action := func(a string) string {
		return automatic(`"conditions":[{"any":[{"field":"new_conversation"}]}],"actions":[` + a + `]`)
	}
	example := func(more string) string {
		return automatic(`"conditions":[{"any":[{"field":"new_conversation"}]}],"actions":[{"do":"stop"}],"tests":[{"name":"x",` + more + `}]`)
	}
	for name, text := range map[string]string{
		"actions":                   automatic(`"actions":[` + many(300_000, "{}") + `]`),
		"actions of no kind":        automatic(`"actions":[` + many(300_000, "1") + `]`),
		"groups":                    automatic(`"conditions":[` + many(300_000, "{}") + `]`),
		"conditions of one group":   automatic(`"conditions":[{"any":[` + many(300_000, "{}") + `]}]`),
		"conditions of many groups": automatic(`"conditions":[` + many(99, `{"any":[`+many(3000, "{}")+`]}`) + `]`),
		"tests":                     automatic(`"tests":[` + many(300_000, "{}") + `]`),
		"keys":                      automatic(many(80_000, `"typ%d":1`)),
		"keys of an action":         action(`{"do":"stop",` + many(80_000, `"tags%d":1`) + `}`),
		"keys of a condition":       automatic(`"conditions":[{"any":[{"field":"subject",` + many(80_000, `"op%d":1`) + `}]}]`),
		"values of a condition":     automatic(`"conditions":[{"any":[{"field":"tags","op":"has_any","value":[` + many(250_000, `"a"`) + `]}]}]`),
		"no values of a condition":  automatic(`"conditions":[{"any":[{"field":"tags","op":"has_any","value":[` + many(300_000, `{}`) + `]}]}]`),
		"tags":                      action(`{"do":"add_tags","tags":[` + many(250_000, `"a"`) + `]}`),
		"tags of no kind":           action(`{"do":"add_tags","tags":[` + many(400_000, `1`) + `]}`),
		"recipients":                action(`{"do":"notify","body":"x","to":[` + many(250_000, `"a"`) + `]}`),
		"addresses":                 action(`{"do":"forward","body":"x","to":[` + many(120_000, `"a@b.c"`) + `]}`),
		"headers":                   action(`{"do":"webhook","url":"https://a.example","headers":{` + many(60_000, `"X-%d":"1"`) + `}}`),
		"NUL in a body":             action(`{"do":"webhook","url":"https://a.example","body":[` + many(100_000, `"\u0000"`) + `]}`),
		"variables in a body":       action(`{"do":"webhook","url":"https://a.example","body":[` + many(100_000, `"{%%x%%}"`) + `]}`),
		"variables in a text":       action(`{"do":"note","body":"` + strings.Repeat("{%x%}", 13_000) + `"}`),
		"steps":                     example(`"when":[` + many(300_000, "{}") + `]`),
		"messages":                  example(`"given":{"messages":[` + many(300_000, "{}") + `]}`),
		"runs":                      example(`"expect":{"runs":[` + many(300_000, "{}") + `]}`),
		"actions to expect":         example(`"expect":{"actions":[` + many(300_000, "{}") + `]}`),
		"tags to expect":            example(`"expect":{"tags":[` + many(400_000, "1") + `]}`),
		"fields":                    example(`"given":{"fields":{` + many(80_000, `"f%d":[]`) + `}}`),
		"headers of a mail":         example(`"when":[{"customer_writes":{"headers":{` + many(80_000, `"f%d":[]`) + `}}}]`),
	} {
		var tree any
		if err := json.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var told int
		work := testing.AllocsPerRun(1, func() {
			d, decoded := Decode(tree)
			_, compiled := Compile(d)
			told = len(Problems(decoded, append(compiled, CheckTests(d)...)))
		})
		if told == 0 || told > 200 {
			t.Errorf("%s: %d problems", name, told)
		}
		if work > 400_000 { // some for each of a large body's texts, which are read once
			t.Errorf("%s: %.0f allocations", name, work)
		}
		t.Logf("%s: %d problems, %.0f allocations", name, told, work)
	}
}

func TestWhatIsLeftOutOfProblemsIsCounted(t *testing.T) {
	t.Parallel()
	tree := map[string]any{"name": "a", "type": "manual", "actions": []any{map[string]any{"do": "stop"}}}
	for i := range 33 {
		tree[fmt.Sprintf("key%d", i)] = 1
	}
	_, bad := Decode(tree)
	if len(bad) != maxTold+1 || bad[maxTold].Message != "there are 13 more keys that are not known" {
		t.Errorf("%d problems, the last one: %v", len(bad), bad[len(bad)-1])
	}
}
