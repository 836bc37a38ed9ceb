//go:build !race

package property

// RaceDetector says that the tests run with the race detector.
const RaceDetector = false
