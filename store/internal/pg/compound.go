package pg

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Compound is one statement that writes to several tables, each by a common table
// expression. All of them see the database as it was before the statement, and foreign
// keys are checked at its end: in which order they are named does not matter.
type Compound struct {
	parts []string
	args  []any
	err   error
}

// Arg adds an argument and returns how the statement names it.
func (c *Compound) Arg(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// With adds a part, which later ones may read under its name.
func (c *Compound) With(name, sql string) { c.parts = append(c.parts, name+" AS ("+sql+")") }

// WithParts adds parts that a file has, with their names and with named arguments.
func (c *Compound) WithParts(sql string, named pgx.NamedArgs) {
	numbers := map[string]string{}
	c.parts = append(c.parts, argument.ReplaceAllStringFunc(sql, func(name string) string {
		if numbers[name] == "" {
			value, there := named[name[1:]]
			if !there {
				panic("a statement needs the argument " + name)
			}
			numbers[name] = c.Arg(value)
		}
		return numbers[name]
	}))
}

// Rows adds an argument that holds encoded rows.
func (c *Compound) Rows(rows []map[string]any) string {
	encoded, err := EncodeRows(rows)
	if err != nil && c.err == nil {
		c.err = err
	}
	return c.Arg(encoded)
}

// Insert adds rows to a table, as insertRows does. No rows add nothing.
func (c *Compound) Insert(table string, rows []map[string]any) {
	if len(rows) > 0 {
		c.With(table+"_in", Insertion(table, rows, `NULL::`+table, c.Rows(rows)))
	}
}

// Query asks the statement, which ends in sql.
func (c *Compound) Query(ctx context.Context, tx pgx.Tx, sql string) (pgx.Rows, error) {
	if c.err != nil {
		return nil, c.err
	}
	if len(c.parts) > 0 {
		sql = "WITH " + strings.Join(c.parts, ",\n") + "\n" + sql
	}
	return tx.Query(ctx, sql, c.args...)
}

// Do asks the statement for what it writes alone. One without parts does nothing.
func (c *Compound) Do(ctx context.Context, tx pgx.Tx) error {
	if c.err != nil || len(c.parts) == 0 {
		return c.err
	}
	_, err := tx.Exec(ctx, "WITH "+strings.Join(c.parts, ",\n")+"\nSELECT", c.args...)
	return err
}
