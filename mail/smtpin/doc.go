// Package smtpin receives mail by SMTP.
//
// It answers 250 to a mail only after the Inbox has it for good. What it cannot
// decide now is answered 4xx, so that the sender keeps the mail and tries again;
// a second copy of a mail that was stored before its sender could be told is for
// the Inbox to collapse. Nothing is ever stored of a mail that did not arrive
// whole.
package smtpin
