package pg

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Statement is a statement that lies in a .sql file beside the code that asks it: it has
// a line for each column that somebody may have to change, comments, and arguments with
// names (@limit). It is made ready once, when the program starts.
type Statement struct {
	// Name is that of its file.
	Name string
	// SQL has numbers in the place of the arguments' names, and no comments.
	SQL  string
	args []string
}

// statements are all that were read.
var statements []*Statement

// Statements lists all statements of the files, for whoever tries them.
func Statements() []*Statement { return statements }

// ReadStatement reads a statement of a package's files, as a package variable. Pieces
// stand in it as {{name}}: lists of columns and conditions that other statements have too.
func ReadStatement(files embed.FS, name string, pieces map[string]string) *Statement {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic(err)
	}
	s := &Statement{Name: name}
	s.SQL, s.args = number(fill(name, string(text), pieces))
	statements = append(statements, s)
	return s
}

// Piece reads what is only a part of statements. Its arguments keep their names.
func Piece(files embed.FS, name string, pieces map[string]string) string {
	text, err := files.ReadFile("sql/" + name)
	if err != nil {
		panic(err)
	}
	return fill(name, string(text), pieces)
}

var (
	comment  = regexp.MustCompile(`(?m)(^|[ \t]+)--.*$`)
	gap      = regexp.MustCompile(`\n\s*\n`)
	argument = regexp.MustCompile(`@[a-z][a-z_]*`)
)

func fill(name, text string, pieces map[string]string) string {
	for piece, sql := range pieces {
		if !strings.Contains(text, "{{"+piece+"}}") {
			panic(fmt.Sprintf("%s has no {{%s}}", name, piece))
		}
		text = strings.ReplaceAll(text, "{{"+piece+"}}", sql)
	}
	if strings.Contains(text, "{{") {
		panic(name + " has a piece that nothing fills")
	}
	return strings.TrimSpace(gap.ReplaceAllString(comment.ReplaceAllString(text, ""), "\n"))
}

// number puts $1 in the place of the first argument's name, and so on.
func number(text string) (sql string, names []string) {
	numbers := map[string]string{}
	sql = argument.ReplaceAllStringFunc(text, func(name string) string {
		if numbers[name] == "" {
			names = append(names, name[1:])
			numbers[name] = fmt.Sprintf("$%d", len(names))
		}
		return numbers[name]
	})
	return sql, names
}

// Args puts the arguments into the statement's order. Each must be there, and no other: a
// mistake is the program's.
func (s *Statement) Args(named pgx.NamedArgs) []any {
	out := make([]any, len(s.args))
	for i, name := range s.args {
		value, there := named[name]
		if !there {
			panic(s.Name + " needs the argument " + name)
		}
		out[i] = value
	}
	if len(named) != len(s.args) {
		panic(fmt.Sprintf("%s has the arguments %v only", s.Name, s.args))
	}
	return out
}

// Query asks for rows.
func (s *Statement) Query(ctx context.Context, q Querier, named pgx.NamedArgs) (pgx.Rows, error) {
	return q.Query(ctx, s.SQL, s.Args(named)...)
}

// Exec runs a statement that returns no rows.
func (s *Statement) Exec(ctx context.Context, q Execer, named pgx.NamedArgs) (pgconn.CommandTag, error) {
	return q.Exec(ctx, s.SQL, s.Args(named)...)
}

// QueryRow asks for one row.
func (s *Statement) QueryRow(ctx context.Context, q RowQuerier, named pgx.NamedArgs) pgx.Row {
	return q.QueryRow(ctx, s.SQL, s.Args(named)...)
}
