package smtpout

import (
	"errors"
	"fmt"

	"github.com/emersion/go-smtp"

	"github.com/smarticks/smarticks/delivery"
)

// recipients names them all to the relay. A result ends the transaction; else
// some says how many were refused for good, and is empty when none was.
func (t *transaction) recipients(all []string) (some string, result *delivery.Result) {
	var last error
	n := 0
	for _, addr := range all {
		err := t.client.Rcpt(addr, nil)
		if err == nil {
			continue
		}
		var answer *smtp.SMTPError
		if !errors.As(err, &answer) || answer.Code/100 != 5 {
			r := deferred(err, "the relay refused a recipient for now")
			return "", &r
		}
		last = err
		n++
	}
	switch n {
	case 0:
		return "", nil
	case len(all):
		r := refused(last, countOf(n, len(all)))
		return "", &r
	default:
		return refused(last, countOf(n, len(all))).Reason, nil
	}
}

func countOf(n, all int) string {
	if all == 1 {
		return "the relay refused the recipient"
	}
	return fmt.Sprintf("the relay refused %d of %d recipients", n, all)
}
