//go:build race

package automation

// raceDetector says that the tests run with the race detector, which makes the
// random ones ten times slower and finds nothing in them: the package has no
// goroutines. They run in full without it.
const raceDetector = true
