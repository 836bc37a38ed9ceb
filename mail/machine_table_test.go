package mail

import (
	"os"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// tableRow is a condition of the table of docs/mail.md under "Machine mail".
type tableRow struct {
	lines                      []string // header lines, or MAIL FROM:<>
	mark, answer, waits, inFor string
}

func machineTable(t *testing.T) []tableRow {
	t.Helper()
	doc, err := os.ReadFile("../docs/mail.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "\n## Machine mail\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []tableRow
	for line := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 8 || strings.HasPrefix(line, "|---") || strings.Contains(line, "| sign |") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		row := tableRow{mark: strings.Trim(cells[3], "`"), answer: cells[4], waits: cells[5], inFor: strings.Trim(cells[6], "`")}
		for i, part := range strings.Split(cells[2], "`") {
			if i%2 == 1 {
				row.lines = append(row.lines, part)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// mail makes the mail of a row; more are further header lines.
func (row tableRow) mail(more ...string) conversation.Incoming {
	from, header := "ann@example.net", ""
	for _, line := range append(row.lines, more...) {
		if line == "MAIL FROM:<>" {
			from = ""
			continue
		}
		header += line + "\n"
	}
	if !strings.Contains("\n"+header, "\nFrom:") {
		header = "From: Ann <ann@example.net>\n" + header
	}
	body := "Where is my order?"
	if strings.Contains(header, "text/calendar") {
		body = "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"
	}
	return Parse(crlf("To: support@example.com\n"+header+"\n"+body+"\n"), Envelope{From: from, Own: ours})
}

func TestTheTableOfSignsSaysWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	rows := machineTable(t)
	if len(rows) < 55 {
		t.Fatalf("the table of docs/mail.md has %d conditions", len(rows))
	}
	yesNo := map[bool]string{true: "yes", false: "no"}
	for _, row := range rows {
		in := row.mail()
		waits := yesNo[!in.Machine.NobodyWaits()]
		if in.MachineAsAnswer.NobodyWaits() {
			waits += ", unless it answers a mail of ours"
		}
		got := [3]string{string(in.Machine), yesNo[in.Machine.MayAnswer()], waits}
		if want := [3]string{row.mark, row.answer, row.waits}; got != want {
			t.Errorf("%q: the code says %q, docs/mail.md %q", row.lines, got, want)
		}
		if form := row.mail("Reply-To: Per <per@person.example>"); string(form.Machine) != row.inFor || form.FromAddress != "per@person.example" {
			t.Errorf("%q with a person in Reply-To: mark %q of %s, docs/mail.md says %q", row.lines, form.Machine, form.FromAddress, row.inFor)
		}
	}
}

func TestTheTableOfSignsIsWhole(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, row := range machineTable(t) {
		for _, line := range row.lines {
			lines = append(lines, strings.ToLower(line))
		}
	}
	has := func(name string) bool {
		for _, line := range lines {
			if strings.HasPrefix(line, strings.ToLower(name)+":") {
				return true
			}
		}
		return false
	}
	for _, list := range [][]headerSign{bounceSigns, autoReplySigns, listSigns, bulkSigns, generatedSigns, suppressedSigns} {
		for _, sign := range list {
			if !has(sign.name) {
				t.Errorf("docs/mail.md does not name %s", sign.name)
			}
		}
	}
}
