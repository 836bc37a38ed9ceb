package access

import (
	"hash/crc32"
	"math/big"
	"strings"
)

// A token is smk_, 43 characters for 256 random bits, and 6 for a checksum, so
// that a scanner of leaked secrets, and the API before it asks the database, can
// tell a token from a typing error.
const (
	SecretPrefix = "smk_"
	randomChars  = 43
	checkChars   = 6
	// ShownChars is how much of a token is kept and shown to tell it from others.
	ShownChars = len(SecretPrefix) + 6
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Secret returns the token for 256 random bits.
func Secret(random [32]byte) string {
	body := encode(new(big.Int).SetBytes(random[:]), randomChars)
	return SecretPrefix + body + checksum(body)
}

// WellFormed reports whether s can be a token at all.
func WellFormed(s string) bool {
	body, ok := strings.CutPrefix(s, SecretPrefix)
	if !ok || len(body) != randomChars+checkChars {
		return false
	}
	return checksum(body[:randomChars]) == body[randomChars:]
}

func checksum(body string) string {
	return encode(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(body)))), checkChars)
}

// encode writes n in base 62, padded to width.
func encode(n *big.Int, width int) string {
	out := make([]byte, width)
	base, digit := big.NewInt(int64(len(base62))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = base62[digit.Int64()]
	}
	return string(out)
}
