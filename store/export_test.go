package store

// HoldHashes takes every turn at computing a password's hash until release.
func HoldHashes(s *Store) (release func()) {
	for range hashesAtOnce {
		s.hasher.turns <- struct{}{}
	}
	return func() {
		for range hashesAtOnce {
			<-s.hasher.turns
		}
	}
}
