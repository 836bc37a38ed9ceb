package access

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A password's length, in characters.
const (
	MinPassword = 12
	MaxPassword = 200
)

// NormalPassword is the text that is hashed: keyboards write the same letter in
// more than one way.
func NormalPassword(password string) string { return norm.NFC.String(password) }

// CheckPassword says what is wrong with a new password, nothing when it may be
// one.
func CheckPassword(password string) string {
	if n := utf8.RuneCountInString(NormalPassword(password)); n < MinPassword || n > MaxPassword {
		return fmt.Sprintf("a password has %d to %d characters", MinPassword, MaxPassword)
	}
	return ""
}

// PasswordChange asks for a new password.
type PasswordChange struct {
	New string
	// Current is needed of somebody who has one and changes it themselves.
	Current string
}

// PasswordHash is what is kept of a password: argon2id with its cost.
type PasswordHash struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
	Salt, Sum []byte
}

// phcVersion is that of the algorithm, 0x13.
const phcVersion = 19

// String writes the hash as a PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$sum.
func (h PasswordHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", phcVersion, h.MemoryKiB, h.Passes, h.Lanes, b64.EncodeToString(h.Salt),
		b64.EncodeToString(h.Sum))
}

// ParsePasswordHash reads what String wrote. The error never holds the text.
func ParsePasswordHash(text string) (PasswordHash, error) {
	unreadable := errors.New("this is no PHC string of argon2id")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", phcVersion) {
		return PasswordHash{}, unreadable
	}
	var h PasswordHash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.MemoryKiB, &h.Passes, &h.Lanes); err != nil || h.Passes == 0 || h.Lanes == 0 {
		return PasswordHash{}, unreadable
	}
	var err, err2 error
	h.Salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	h.Sum, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || len(h.Salt) == 0 || len(h.Sum) < 16 || h.String() != text {
		return PasswordHash{}, unreadable
	}
	return h, nil
}
