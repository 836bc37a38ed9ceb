//go:build race

package mail

// raceDetector says that the tests run with the race detector, under which pools
// forget at random what they hold: what is allocated tells nothing then. The bytes are
// counted without it.
const raceDetector = true
