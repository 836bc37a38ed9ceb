package docs_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/simulation"
)

// TestTheTestsOnThePageAreDone does the tests of the section on tests, and holds the
// refusal that it shows against what the changed one comes to.
func TestTheTestsOnThePageAreDone(t *testing.T) {
	t.Parallel()
	shown, refusal := blocks(t, "workflows.md", "Tests", "yaml"), blocks(t, "workflows.md", "Tests", "json")
	if len(shown) != 1 || len(refusal) != 1 {
		t.Fatalf("%d workflows and %d refusals: this test would prove nothing", len(shown), len(refusal))
	}
	d := example(t, shown[0])
	for _, p := range automation.CheckTests(d) {
		t.Errorf("%s: %s", p.Path, p.Message)
	}
	world := expect.World{Around: conversation.Surroundings{
		Mailbox: conversation.Mailbox{ID: "01900000-0000-7000-8000-000000000001", Name: "Support", Email: "support@smarticks.test"},
		Limits:  conversation.DefaultLimits,
	}}
	world.Mailboxes = []conversation.Mailbox{world.Around.Mailbox}
	do := func() []expect.Result {
		results, err := simulation.RunTests(t.Context(), slog.New(slog.DiscardHandler), world, d)
		if err != nil {
			t.Fatal(err)
		}
		return results
	}
	for _, r := range do() {
		for _, p := range r.Why {
			t.Errorf("%s: %s: %s", r.Name, p.Path, p.Message)
		}
	}
	// "Here somebody made the first test expect two runs."
	d.Tests[0].Expect.Each = append(d.Tests[0].Expect.Each, automation.ExpectedRun{})
	var want struct {
		Detail string
		Errors []struct{ Location, Message string }
	}
	if err := json.Unmarshal([]byte(refusal[0].text), &want); err != nil {
		t.Fatal(err)
	}
	got := do()[0]
	if !strings.Contains(want.Detail, got.Name) || len(got.Why) != 1 || len(want.Errors) != 1 ||
		want.Errors[0].Location != "body."+got.Why[0].Path || want.Errors[0].Message != got.Why[0].Message {
		t.Errorf("the page shows %+v, it comes to %+v", want, got.Why)
	}
}

// TestEveryKeyOfATestIsDocumented compares the section with the keys that there are.
func TestEveryKeyOfATestIsDocumented(t *testing.T) {
	t.Parallel()
	page := strings.Join(lines(t, "workflows.md"), "\n")
	_, section, found := strings.Cut(page, "\n## Tests\n")
	section, _, ended := strings.Cut(section, "\n## ")
	keys := automation.TestKeys()
	if !found || !ended || len(keys) < 30 {
		t.Fatalf("found %v, ended %v, %d keys: this test would prove nothing", found, ended, len(keys))
	}
	for _, k := range keys {
		if !strings.Contains(section, "`"+k+"`") && !strings.Contains(section, "`"+k+":") {
			t.Errorf("the key %s of a test is not documented", k)
		}
	}
}
