//go:build race

package smtpin

// raceDetector says that the tests run with the race detector, which makes each byte of
// a large mail ten times dearer: mails of full size come without it.
const raceDetector = true
