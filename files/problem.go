package files

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/errs"
)

// Source is a file: its name, by which it is told of and by which files are
// ordered, and its text.
type Source struct {
	Name string
	Text []byte
}

// Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File         string
	Line, Column int // from 1; 0: unknown
	// Path is the place within the file: workflows[0].actions[1].to.
	Path    string
	Message string
}

// String says it as editors understand it: file:line:column: path: message.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is all that is wrong with some files, as an error.
type Problems []Problem

// Error says each on a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives them their kind.
func (p Problems) Unwrap() error {
	return errs.New("files", errs.Invalid, "the files have problems")
}

// err is nil when there is no problem.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
