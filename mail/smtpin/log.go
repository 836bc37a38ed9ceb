package smtpin

import (
	"errors"
	"log/slog"
	"net"
)

// errorLog takes go-smtp's log lines. Only their fixed part is kept, and what a
// network error says: the rest may quote what a sender sent.
type errorLog struct{ logger *slog.Logger }

// Printf logs a line.
func (l errorLog) Printf(format string, v ...any) {
	cause := ""
	for _, arg := range v {
		var op *net.OpError
		if err, ok := arg.(error); ok && errors.As(err, &op) && op.Err != nil {
			cause = op.Err.Error()
		}
	}
	l.logger.Warn("smtp server", "line", format, "cause", cause)
}

// Println logs that there was a line.
func (l errorLog) Println(...any) { l.logger.Warn("smtp server") }
