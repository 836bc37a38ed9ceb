package mail

import (
	"path"
	"strconv"
	"strings"
	"unicode"
)

// attachmentName makes a name that is safe to show and to save: no folder, no
// control or direction-changing character, at most maxNameBytes. The n-th
// attachment without a usable name is called attachment-n.
func attachmentName(name string, n int) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || changesDirection(c) || strings.ContainsRune(`<>:"|?*`, c) {
			return -1
		}
		return c
	}, name)
	name = strings.Trim(name, " .")
	if len(name) > maxNameBytes {
		ext := path.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		name = strings.TrimRight(cutBytes(name, maxNameBytes-len(ext)), " .") + ext
	}
	if name == "" {
		return "attachment-" + strconv.Itoa(n)
	}
	return name
}

// changesDirection reports whether c can make "cod.exe" look like "exe.doc".
func changesDirection(c rune) bool {
	return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f || c == 0x061c
}
