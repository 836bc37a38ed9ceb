package simulation_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/simulation"
)

var update = flag.Bool("update", false, "write what tests answer into the golden files")

// The people and mailboxes of the tests' world.
const (
	supportID = "01900000-0000-7000-8000-000000000001"
	billingID = "01900000-0000-7000-8000-000000000002"
	mariaID   = "01900000-0000-7000-8000-0000000000a1"
	beaID     = "01900000-0000-7000-8000-0000000000a2"
	rootID    = "01900000-0000-7000-8000-0000000000a3"
)

// testWorld is a support mailbox in Berlin with business hours, and one for bills.
func testWorld() expect.World {
	hours := conversation.BusinessHours{Holidays: []string{"2026-01-06"}}
	for day := time.Monday; day <= time.Friday; day++ {
		hours.Days[day] = []conversation.Interval{{From: 9 * 60, To: 17 * 60}}
	}
	support := conversation.Mailbox{
		ID: supportID, Name: "Support", Email: "support@smarticks.test", TimeZone: "Europe/Berlin", Hours: hours,
		Fields: []conversation.Field{
			{Name: "Plan", Type: conversation.FieldDropdown, Options: []string{"free", "paid"}},
			{Name: "Order", Type: conversation.FieldText},
			{Name: "Seats", Type: conversation.FieldNumber},
		},
		Folders: []conversation.Folder{{Name: "Urgent", Tags: []string{"urgent"}}},
	}
	billing := conversation.Mailbox{ID: billingID, Name: "Billing", Email: "billing@smarticks.test", TimeZone: "Europe/Berlin"}
	w := expect.World{
		Around:    conversation.Surroundings{Mailbox: support, BaseURL: "https://desk.example", Limits: conversation.Limits{}.OrDefault()},
		Mailboxes: []conversation.Mailbox{support, billing},
		Users: []conversation.User{
			{ID: mariaID, Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent, Available: true,
				Mailboxes: []conversation.MailboxID{supportID}},
			{ID: beaID, Name: "Bea", Email: "bea@smarticks.test", Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{billingID}},
			{ID: rootID, Name: "Root", Email: "root@smarticks.test", Role: conversation.RoleAdmin, Available: true},
		},
		Own: []string{"support@smarticks.test", "billing@smarticks.test"},
	}
	w.Names = func(kind, id string) string {
		return map[string]string{mariaID: "Maria", beaID: "Bea", rootID: "Root", supportID: "Support", billingID: "Billing"}[id]
	}
	return w
}

// read reads a workflow as the API does; what is wrong with it fails the test.
func read(t *testing.T, source []byte, w expect.World) automation.Definition {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		t.Fatal(err)
	}
	d, bad := automation.Decode(tree, "mailbox", "mode")
	bad = append(bad, automation.CheckTests(d)...)
	d, unresolved := d.Resolve(func(kind, name string) (string, bool) {
		id := w.ID(kind, name)
		return id, id != ""
	})
	for _, p := range append(bad, unresolved...) {
		t.Errorf("%s: %s", p.Path, p.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	return d
}

func results(t *testing.T, w expect.World, d automation.Definition) []expect.Result {
	t.Helper()
	out, err := simulation.RunTests(t.Context(), slog.New(slog.DiscardHandler), w, d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Each file of testdata/tests holds workflows with tests of which most fail: what
// they print is what their authors get, and is read whenever it changes.
func TestWhatTestsPrint(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %d files: this test would prove nothing", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file) //nolint:gosec // our own testdata
			if err != nil {
				t.Fatal(err)
			}
			w := testWorld()
			d := read(t, source, w)
			var out strings.Builder
			for _, r := range results(t, w, d) {
				fmt.Fprintf(&out, "%s: %s\n", map[bool]string{true: "PASSED", false: "FAILED"}[r.Passed], r.Name)
				for _, p := range r.Why {
					fmt.Fprintf(&out, "  %s\n    %s\n", p.Path, p.Message)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden) //nolint:gosec // our own testdata
			if err != nil || string(want) != out.String() {
				t.Errorf("%v\ngot\n%s\nwant\n%s", err, out.String(), want)
			}
		})
	}
}
