package api

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
)

// csvPage is how many rows an export holds in memory.
const csvPage = 500

// csvRows returns the next rows of an export, none after the last.
type csvRows func(ctx context.Context) ([][]string, error)

// export is a GET that answers a table as CSV (RFC 4180, UTF-8), whole: page by page
// as the store has it, so that any number of rows takes the memory of one page. What
// fails after the first page cuts the connection, since a table that ends early
// would look like one that is whole.
func export[I any](path string, verb access.Verb, summary string, columns []string,
	begin func(ctx context.Context, who access.Caller, in *I) csvRows,
) route {
	return serves(http.MethodGet, path, verb, summary, describesText("text/csv", "OK"), func(c *gin.Context, in *I) error {
		ctx := c.Request.Context()
		next := begin(ctx, callerFrom(ctx), in)
		rows, err := next(ctx)
		if err != nil {
			return err
		}
		c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
		c.Header("Content-Disposition", `attachment; filename="`+path[strings.LastIndex(path, "/")+1:]+`"`)
		c.Status(http.StatusOK)
		if writeCSV(ctx, c.Writer, columns, rows, next) != nil {
			panic(http.ErrAbortHandler)
		}
		return nil
	})
}

func writeCSV(ctx context.Context, w http.ResponseWriter, columns []string, rows [][]string, next csvRows) error {
	table := bufio.NewWriter(w)
	writeRow(table, columns)
	deadline := http.NewResponseController(w)
	for len(rows) > 0 {
		for _, row := range rows {
			writeRow(table, row)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		// The bound is of a page: the whole may take as long as it is long.
		if err := deadline.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		var err error
		if rows, err = next(ctx); err != nil {
			return refuse(ctx, err)
		}
	}
	return table.Flush()
}

// writeRow writes one line. Every cell stands in quotes: where a semicolon separates
// cells, a spreadsheet would cut a bare one in two, and take the rest for a formula. A
// write that fails is told by Flush.
func writeRow(w *bufio.Writer, row []string) {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = `"` + cellText.Replace(safeCell(cell)) + `"`
	}
	_, _ = w.WriteString(strings.Join(cells, ",") + "\r\n")
}

// cellText writes a text between quotes as RFC 4180 has it.
var cellText = strings.NewReplacer(`"`, `""`, "\r", "", "\n", "\r\n")

// safeCell keeps a spreadsheet from reading a text as a formula.
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
