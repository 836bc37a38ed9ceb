package api

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
)

// knownCallers remembers which tokens and sessions were good, by a hash, and whose
// bucket they take from. It only says which bucket a request counts in before anybody
// is asked who it is: a token that is revoked is refused as ever.
type knownCallers struct {
	// keep is how many one generation has, as in limiter.
	keep int

	mu           sync.Mutex
	fresh, stale map[[sha256.Size]byte]string
}

func newKnownCallers(keep int) *knownCallers {
	return &knownCallers{keep: keep, fresh: map[[sha256.Size]byte]string{}}
}

// bucket returns the caller whose secret it was, empty when that is not known.
func (k *knownCallers) bucket(secret string) string {
	hash := sha256.Sum256([]byte(secret))
	k.mu.Lock()
	defer k.mu.Unlock()
	if caller, ok := k.fresh[hash]; ok {
		return caller
	}
	return k.stale[hash]
}

// add remembers a good one, and forgets one whose caller is empty.
func (k *knownCallers) add(secret, caller string) {
	hash := sha256.Sum256([]byte(secret))
	k.mu.Lock()
	defer k.mu.Unlock()
	if caller == "" {
		delete(k.fresh, hash)
		delete(k.stale, hash)
		return
	}
	if len(k.fresh) >= k.keep {
		k.fresh, k.stale = map[[sha256.Size]byte]string{}, k.fresh
	}
	k.fresh[hash] = caller
}

// secretOf returns the token or the session's secret that a request came with, as
// authenticate reads it; empty: none.
func secretOf(req *http.Request, v visit) string {
	secret := req.Header.Get(keyHeader)
	if h := req.Header.Get("Authorization"); h != "" {
		_, rest, _ := strings.Cut(h, " ")
		secret = strings.TrimSpace(rest)
	}
	if secret == "" {
		return v.session
	}
	return secret
}
