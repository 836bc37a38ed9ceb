package directory

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
)

// The cost of a password's hash: OWASP's for argon2id. One takes 19 MiB and some
// hundredths of a second of one core.
const (
	hashMemoryKiB = 19 << 10
	hashPasses    = 2
	hashLanes     = 1
	saltBytes     = 16
	sumBytes      = 32
	// HashesAtOnce bounds the memory: 76 MiB.
	HashesAtOnce = 4
	// hashPatience is how long somebody waits for their turn.
	hashPatience = time.Second
)

// Hasher computes passwords' hashes, a few at once.
type Hasher struct{ Turns chan struct{} }

func newHasher() *Hasher { return &Hasher{make(chan struct{}, HashesAtOnce)} }

// turn waits for a turn; leave gives it back.
//
// Errors: errs.Unavailable (too many wait).
func (h *Hasher) turn(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	select {
	case h.Turns <- struct{}{}:
		return func() { <-h.Turns }, nil
	case <-ctx.Done():
		return nil, errs.New("store.Hasher", errs.Unavailable, "too many log in at once, try again")
	}
}

// hash makes the hash of a new password, with a salt of its own.
func (h *Hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	out := access.PasswordHash{MemoryKiB: hashMemoryKiB, Passes: hashPasses, Lanes: hashLanes, Salt: make([]byte, saltBytes)}
	rand.Read(out.Salt) // never fails
	out.Sum = derive(out, password, sumBytes)
	return out.String(), nil
}

// matches reports whether the password is the stored one. Without a stored one it
// takes as long, and is not.
func (h *Hasher) matches(ctx context.Context, stored, password string) (bool, error) {
	against := access.PasswordHash{MemoryKiB: hashMemoryKiB, Passes: hashPasses, Lanes: hashLanes, Salt: make([]byte, saltBytes),
		Sum: make([]byte, sumBytes)}
	if stored != "" {
		var err error
		if against, err = access.ParsePasswordHash(stored); err != nil {
			return false, errs.Wrap("store.Hasher", errs.Internal, "", err)
		}
	}
	leave, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	same := subtle.ConstantTimeCompare(derive(against, password, len(against.Sum)), against.Sum) == 1
	return same && stored != "", nil
}

func derive(h access.PasswordHash, password string, bytes int) []byte {
	secret := []byte(access.NormalPassword(password))
	return argon2.IDKey(secret, h.Salt, h.Passes, h.MemoryKiB, h.Lanes, uint32(bytes)) //nolint:gosec // 16 to a few dozen
}
