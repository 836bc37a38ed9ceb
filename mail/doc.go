// Package mail reads and writes mails: bytes to conversation.Incoming, and
// delivery.Mail to bytes. It has no I/O and no clock. Reading never fails,
// writing never lets a header or a recipient in that was not meant.
package mail
