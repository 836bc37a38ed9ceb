package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// madeUpID names a mail that came without a Message-ID. It depends on the
// bytes alone, so the same mail sent again has the same.
func madeUpID(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16]) + "@missing.invalid"
}

// messageIDs reads the ids of In-Reply-To and References, without brackets, in
// order and each once; of more than 100 the newest, which stand last. Words
// without brackets count when they look like an id.
func messageIDs(values []string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, v := range values {
		for _, id := range cutIDs(v) {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	if len(ids) > maxIDs {
		ids = slices.Clone(ids[len(ids)-maxIDs:])
	}
	return ids
}

func cutIDs(v string) []string {
	var ids []string
	for v != "" {
		loose, after, bracketed := strings.Cut(v, "<")
		for _, word := range strings.FieldsFunc(loose, isIDSeparator) {
			if strings.Contains(word, "@") && validID(word) {
				ids = append(ids, word)
			}
		}
		if !bracketed {
			break
		}
		id, rest, _ := strings.Cut(after, ">")
		// A long id is folded by some programs.
		if id = strings.ReplaceAll(id, " ", ""); validID(id) {
			ids = append(ids, id)
		}
		v = rest
	}
	return ids
}

func isIDSeparator(c rune) bool { return c == ' ' || c == ',' || c == ';' || c == '>' }

// validID reports whether id can stand in a header between angle brackets.
func validID(id string) bool {
	return id != "" && len(id) <= maxIDBytes && !strings.ContainsFunc(id, func(c rune) bool {
		return c <= ' ' || c == '<' || c == '>' || c == 0x7f || c == 0xfffd
	})
}
