package smtpin

import (
	"errors"

	"github.com/emersion/go-smtp"

	"github.com/smarticks/smarticks/errs"
)

// What the sending server may see. go-smtp sends the text of any other error,
// and answers 554 with it when it comes from Data, which bounces a customer's
// mail for good.
var (
	errNoMailbox    = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	errBadSender    = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 7}, Message: "Bad sender address"}
	errTooLarge     = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "The mail is too large"}
	errLoop         = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 4, 6}, Message: "The mail is in a loop"}
	errBareLineEnd  = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 6, 11}, Message: "Bare CR or LF in the mail"}
	errRefused      = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The mail cannot be accepted"}
	errUnavailable  = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	errExhausted    = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Too much mail at once, try again later"}
	errTooMany      = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "Too many unknown recipients, closing"}
	errShuttingDown = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Closing, try again later"}
)

// reply turns an error into what the sending server sees. Every session method
// returns through it. What is not known to be permanent is temporary.
func reply(err error) error {
	if err == nil {
		return nil
	}
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		return answer
	}
	switch errs.KindOf(err) {
	case errs.NotFound:
		return errNoMailbox
	case errs.Invalid, errs.Forbidden:
		return errRefused
	default:
		return errUnavailable
	}
}
