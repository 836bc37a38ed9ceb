package testhouse

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/internal/pgtest"
)

// Value runs a query that answers one value, and scans it. Also in a cleanup, when the
// context of the test has ended.
func (h *House) Value(into any, sql string, args ...any) {
	h.Helper()
	Must(h, h.Pool.QueryRow(context.WithoutCancel(h.Context()), sql, args...).Scan(into))
}

// Number runs a query that answers one number.
func (h *House) Number(sql string, args ...any) (n int) {
	h.Helper()
	h.Value(&n, sql, args...)
	return n
}

// Text runs a query that answers one text.
func (h *House) Text(sql string, args ...any) (text string) {
	h.Helper()
	h.Value(&text, sql, args...)
	return text
}

// Column runs a query and returns its first column as texts.
func (h *House) Column(sql string, args ...any) []string {
	h.Helper()
	rows, err := h.Pool.Query(h.Context(), sql, args...)
	Must(h, err)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		return fmt.Sprint(values[0]), err
	})
	Must(h, err)
	return list
}

// Exec runs a statement.
func (h *House) Exec(sql string, args ...any) {
	h.Helper()
	_, err := h.Pool.Exec(context.WithoutCancel(h.Context()), sql, args...)
	Must(h, err)
}

// Counts says how many rows each table has but for some, to see that nothing was stored.
func (h *House) Counts(but ...string) string {
	h.Helper()
	return pgtest.Counts(h, h.DSN, but...)
}
