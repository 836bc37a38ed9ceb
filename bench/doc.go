// Command bench measures how fast the product is, beside a bare Temporal workflow that
// does the same commands on the same server in turns with it, and writes what it
// found into docs/performance.md, between the marks that bear its name.
//
// Mails come in by SMTP. One is done when its reply has reached the bench's relay and
// its webhook the bench's receiver; both name the conversation by a mark in its subject.
// What never arrives is lost; what arrives again, or for no mail, is doubled.
package main
