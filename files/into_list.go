package files

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/errs"
)

// listFile is a file with a list, cut into the text of each workflow and what
// stands between.
type listFile struct {
	source    Source
	templates bool
	before    string   // up to the first workflow
	blocks    []block  // with the comments right above
	gaps      []string // after each block; the last is the rest of the file
}

// block is the text of one workflow in a list.
type block struct {
	key     string
	comment string // whole lines right above
	text    string // whole lines, from its dash on
	column  int    // of its keys, from 1
}

// cutList cuts a file with a list.
func cutList(s Source, f *file) (*listFile, error) {
	lines := slices.Collect(strings.Lines(string(s.Text)))
	l := &listFile{source: s, templates: f.templates != nil}
	var document yaml.Node
	if err := yaml.Load(s.Text, &document); err != nil {
		return nil, Problems{unreadable(s.Name, err)}
	}
	end := len(lines) // of the list
	list := valueOf(document.Content[0], keyWorkflows)
	for i := 0; i < len(document.Content[0].Content); i += 2 {
		if key := document.Content[0].Content[i]; key.Line > list.Line && key.Line-1 < end {
			end = key.Line - 1
		}
	}
	from := 0 // what is not yet in a part
	for i, w := range f.workflows {
		n := w.place.node
		first, last := n.Line-1, end
		if i+1 < len(f.workflows) {
			last = f.workflows[i+1].place.node.Line - 1
		}
		if dash := strings.TrimSpace(lines[first][:n.Column-1]); dash != "-" || n.Style&yaml.FlowStyle != 0 &&
			list.Style&yaml.FlowStyle != 0 || last <= first {
			return nil, errs.New("files.Into", errs.Invalid,
				s.Name+": workflows that do not each begin on a line of their own, with a dash, cannot be changed in place")
		}
		for last > first+1 && !inside(lines[last-1], n.Column-1) {
			last--
		}
		top := first
		for top > from && strings.HasPrefix(strings.TrimSpace(lines[top-1]), "#") {
			top--
		}
		if i == 0 {
			l.before = strings.Join(lines[:top], "")
		} else {
			l.gaps = append(l.gaps, strings.Join(lines[from:top], ""))
		}
		l.blocks = append(l.blocks, block{plan.NameKey(w.Name()), strings.Join(lines[top:first], ""), strings.Join(lines[first:last], ""),
			n.Column})
		from = last
	}
	l.gaps = append(l.gaps, strings.Join(lines[from:], ""))
	return l, nil
}

// inside reports whether a line at the end of a workflow belongs to it: it is not
// blank and not a comment that stands further left than its keys.
func inside(line string, column int) bool {
	trimmed := strings.TrimSpace(line)
	return trimmed != "" && (!strings.HasPrefix(trimmed, "#") || len(line)-len(strings.TrimLeft(line, " ")) >= column)
}

// text puts the file together; nil: nothing is left of it.
func (l *listFile) text() []byte {
	if len(l.blocks) == 0 && !l.templates {
		return nil
	}
	var b strings.Builder
	if len(l.blocks) == 0 {
		at := strings.LastIndex(l.before, keyWorkflows+":") + len(keyWorkflows) + 1
		b.WriteString(l.before[:at] + " []" + l.before[at:])
	} else {
		b.WriteString(l.before)
	}
	rest := len(l.gaps) - 1
	for i, one := range l.blocks {
		b.WriteString(one.comment + one.text)
		if i < len(l.blocks)-1 && i < rest {
			b.WriteString(l.gaps[i])
		}
	}
	b.WriteString(l.gaps[rest])
	return []byte(b.String())
}

// sort puts the blocks into the order of the keys.
func (l *listFile) sort(order []string) {
	slices.SortStableFunc(l.blocks, func(a, b block) int { return slices.Index(order, a.key) - slices.Index(order, b.key) })
}

// add puts workflows at the end of the list.
func (l *listFile) add(fresh []map[string]any) error {
	last := l.blocks[len(l.blocks)-1]
	if !strings.HasSuffix(last.text, "\n") {
		l.blocks[len(l.blocks)-1].text += "\n"
	}
	rest := l.gaps[len(l.gaps)-1]
	l.gaps = append(l.gaps[:len(l.gaps)-1], "")
	for _, w := range fresh {
		text, err := dump(workflowNode(w))
		if err != nil {
			return err
		}
		name, _ := w["name"].(string)
		prefix := strings.Repeat(" ", max(last.column-3, 0)) + "- "
		l.blocks = append(l.blocks, block{key: plan.NameKey(name), text: indent(string(text), prefix), column: last.column})
		l.gaps = append(l.gaps, "")
	}
	l.gaps[len(l.gaps)-1] = rest
	return nil
}

// rewrite makes the block say what is wanted.
func (b *block) rewrite(old, want map[string]any) error {
	lines := slices.Collect(strings.Lines(b.text))
	prefix := lines[0][:b.column-1]
	for i, line := range lines {
		cut := min(b.column-1, len(line)-len(strings.TrimLeft(line, " ")))
		if i == 0 {
			cut = b.column - 1
		}
		lines[i] = line[cut:]
	}
	text, err := rewrite([]byte(strings.Join(lines, "")), old, want)
	b.text = indent(string(text), prefix)
	return err
}

// indent puts a text behind a prefix, all other lines under its first.
func indent(text, prefix string) string {
	var b strings.Builder
	first := true
	for line := range strings.Lines(text) {
		switch {
		case first:
			b.WriteString(prefix)
		case strings.TrimSpace(line) != "":
			b.WriteString(strings.Repeat(" ", len(prefix)))
		}
		b.WriteString(line)
		first = false
	}
	return b.String()
}
