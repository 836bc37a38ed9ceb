package smtpout

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-smtp"

	"github.com/smarticks/smarticks/delivery"
)

// refused makes a result of an answer: 5xx failed, everything else deferred.
// That a password or TLS is wanted (530, 538) is about us and not about the mail.
func refused(err error, what string) delivery.Result {
	r := deferred(err, what)
	if r.Code/100 == 5 && r.Code != 530 && r.Code != 538 {
		r.State = delivery.AttemptFailed
	}
	return r
}

// deferred makes a result whose reason holds what, and of the relay's answer
// the codes only: its text may quote addresses and the mail.
func deferred(err error, what string) delivery.Result {
	r := delivery.Result{State: delivery.AttemptDeferred, Reason: what}
	var answer *smtp.SMTPError
	var timeout net.Error
	switch {
	case errors.As(err, &answer):
		r.Code = answer.Code
		r.Reason += fmt.Sprintf(": %d", answer.Code)
		if e := answer.EnhancedCode; e[0] > 0 {
			r.Reason += fmt.Sprintf(" %d.%d.%d", e[0], e[1], e[2])
		}
	case errors.As(err, &timeout) && timeout.Timeout():
		r.Reason += ": no answer in time"
	}
	return r
}

// withoutSender adds to a refusal of the sender what to do where the mail had none: some
// relays take no mail from the null sender.
func withoutSender(r delivery.Result, sender string) delivery.Result {
	if sender == "" && r.State == delivery.AttemptFailed && (r.Code == 501 || r.Code == 550 || r.Code == 553 || r.Code == 554) {
		r.Reason += "; it may take no automatic mail without an envelope sender: set automatic_sender to an address that it takes"
	}
	return r
}

// relayID finds in a relay's answer to the final dot the name that it gave the mail:
// the first word of letters, digits and . _ = - that holds a digit and is long enough,
// up to an @. Empty: the answer has none.
func relayID(answer string) string {
	const (
		most    = 200
		digits  = "0123456789"
		letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	)
	for word := range strings.FieldsSeq(answer[:min(len(answer), 1000)]) {
		word, _, _ = strings.Cut(strings.Trim(word, "<>[]()\"',;:"), "@")
		rest := strings.TrimLeft(word, letters+digits+"._=-")
		if rest == "" && len(word) >= delivery.MinRelayID && len(word) <= most && strings.ContainsAny(word, digits) {
			return word
		}
	}
	return ""
}
