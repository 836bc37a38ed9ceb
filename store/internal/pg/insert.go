package pg

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// EncodeRows is how rows are given to a statement.
func EncodeRows(rows []map[string]any) ([]byte, error) { return json.Marshal(rows) }

// InsertRows inserts rows (column name to value) into the table in one
// statement, however many they are. What the rows do not name has the table's
// default: a process that is older than a column continues writing.
func InsertRows(ctx context.Context, tx pgx.Tx, table string, rows []map[string]any) error {
	if len(rows) == 0 {
		return nil
	}
	encoded, err := EncodeRows(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, Insertion(table, rows, `NULL::`+table, `$1`), encoded)
	return err
}

// Insertion is the statement that inserts rows, which it is given encoded as the
// parameter. base is the row that they fill in; of it, the columns more are inserted too.
func Insertion(table string, rows []map[string]any, base, parameter string, more ...string) string {
	named := map[string]bool{}
	for _, row := range rows {
		for column := range row {
			named[column] = true
		}
	}
	columns := strings.Join(append(slices.Sorted(maps.Keys(named)), more...), ", ")
	return `INSERT INTO ` + table + ` (` + columns + `) SELECT ` + columns + ` FROM jsonb_populate_recordset(` + base + `, ` + parameter +
		`::jsonb)`
}
