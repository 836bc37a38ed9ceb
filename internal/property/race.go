//go:build race

package property

// RaceDetector says that the tests run with the race detector, which makes the
// random ones ten times slower and finds nothing in them: the packages have no
// goroutines. They run in full without it.
const RaceDetector = true
