package docs_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// block is a fenced block of a Markdown file.
type block struct {
	file string
	line int // of its first line, from 1
	info string
	text string
	// output is the text block that follows an sh block with nothing but prose
	// between: what it prints. Empty: it is not shown.
	output string
}

// blocks returns the fenced blocks of the file that are marked with the info, in
// their order. With a section only those under that heading of level 2 count.
func blocks(t *testing.T, file, section, info string) []block {
	t.Helper()
	var found []block
	var open *block
	last := ""
	inside := section == ""
	for i, line := range lines(t, file) {
		switch {
		case open != nil && strings.HasPrefix(line, "```"):
			if inside && open.info == info {
				found = append(found, *open)
			}
			if shown := len(found) - 1; inside && open.info == "text" && last == info && shown >= 0 {
				found[shown].output = open.text
			}
			last, open = open.info, nil
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			open = &block{file: file, line: i + 2, info: strings.TrimPrefix(line, "```")}
		case section != "" && strings.HasPrefix(line, "## "):
			inside = line == "## "+section
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block is not closed", file, open.line)
	}
	return found
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		out = append(out, s.Text())
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return out
}
