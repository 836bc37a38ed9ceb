//go:build !race

package property

const RaceDetector = false
