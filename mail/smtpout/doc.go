// Package smtpout sends mail through one relay by SMTP. It tries once and tells
// what came of it; trying again is for its caller.
package smtpout
