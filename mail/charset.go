package mail

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
)

// What decodeCharset cannot read.
const (
	unknownCharset       = "a part has an unknown character set"
	unreadableCharacters = "some characters could not be read"
)

// decodeCharset makes text of bytes in a charset. What an unknown charset has in
// common with ASCII and UTF-8 is kept, every other byte is replaced. problem says
// what could not be read; empty when all could.
func decodeCharset(name string, b []byte) (s, problem string) {
	name, _, _ = strings.Cut(strings.ToLower(strings.Trim(name, " \t\"'")), "*") // a language, RFC 2231 5
	switch name {
	case "utf-8", "utf8", "x-utf-8", "x-utf8", "utf-8-sig", "utf8mb4", "unicode-1-1-utf-8":
		if !utf8.Valid(b) {
			return strings.ToValidUTF8(string(b), "\uFFFD"), unreadableCharacters
		}
		return string(b), ""
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "8bit", "7bit", "default", "none", "unknown", "unknown-8bit", "x-unknown":
		return rawText(b), ""
	case "utf-7", "utf7", "x-utf-7", "unicode-1-1-utf-7", "csunicode11utf7":
		return decodeUTF7(b)
	}
	if enc := charsetNamed(name); enc != nil {
		if out, err := enc.NewDecoder().Bytes(b); err == nil {
			return string(out), ""
		}
	}
	if isASCII(string(b)) {
		return string(b), ""
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), unknownCharset
}

// charsetNamed finds a charset by the names that browsers, IANA and old mail
// programs have for it; nil when there is none.
func charsetNamed(name string) encoding.Encoding {
	for _, n := range charsetSpellings(name) {
		// UTF-16 without a byte order is big-endian in mail, not so for browsers.
		if enc, err := htmlindex.Get(n); err == nil && enc != encoding.Replacement && !strings.HasPrefix(n, "utf-16") {
			return enc
		}
		if enc, err := ianaindex.MIME.Encoding(n); err == nil && enc != nil {
			return enc
		}
		if enc, err := ianaindex.IANA.Encoding("cs" + n); err == nil && enc != nil {
			return enc
		}
	}
	return nil
}

func charsetSpellings(name string) []string {
	names := []string{name, strings.ReplaceAll(name, "_", "-")}
	bare := strings.TrimPrefix(name, "x-")
	names = append(names, bare, strings.Replace(bare, "iso", "iso-", 1), strings.Replace(bare, "mac-", "mac", 1))
	for _, prefix := range []string{"windows", "cp", "cp-", "win", "win-", "ansi-", "ibm-", "ms"} {
		if n, ok := strings.CutPrefix(bare, prefix); ok {
			names = append(names, "windows-"+n, "ibm"+n, "ms"+n)
		}
	}
	return slices.Compact(names)
}

// rawText makes text of bytes whose charset is not declared. They are UTF-8 when
// more of them fit into it than do not: of UTF-8 that was cut within a character
// only this character is lost. Else they are taken for Windows-1252, which is what
// old mail programs put there.
func rawText(b []byte) string {
	if bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(J")) {
		if out, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	if mostlyUTF8(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

// rawTextIn is rawText where another charset is likely: that of the mail's text.
func rawTextIn(charset string, b []byte) string {
	if charset != "" && !utf8.Valid(b) && !mostlyUTF8(b) {
		if enc := charsetNamed(strings.ToLower(charset)); enc != nil {
			if out, err := enc.NewDecoder().Bytes(b); err == nil {
				return string(out)
			}
		}
	}
	return rawText(b)
}

// mostlyUTF8 reports whether there are as many whole characters beyond ASCII as
// broken bytes.
func mostlyUTF8(b []byte) bool {
	whole, broken := 0, 0
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		switch {
		case c == utf8.RuneError && size <= 1:
			broken++
		case size > 1:
			whole++
		}
		i += size
	}
	return whole > 0 && whole >= broken
}

// decodeUTF7 decodes RFC 2152.
func decodeUTF7(b []byte) (s, problem string) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out = append(out, b[i])
			continue
		}
		end := i + 1
		for end < len(b) && isUTF7Base64(b[end]) {
			end++
		}
		if end == i+1 { // "+-" is a plus; one that begins nothing stays
			out = append(out, '+')
		} else {
			units := utf16Units(decodeBase64(b[i+1 : end]))
			for _, c := range utf16.Decode(units) {
				if c == utf8.RuneError {
					problem = unreadableCharacters
				}
				out = utf8.AppendRune(out, c)
			}
		}
		if end < len(b) && b[end] == '-' {
			end++
		}
		i = end - 1
	}
	if !utf8.Valid(out) {
		return strings.ToValidUTF8(string(out), "\uFFFD"), unreadableCharacters
	}
	return string(out), problem
}

func isUTF7Base64(c byte) bool { return base64Values[c] != noBase64 && c != '-' && c != '_' }

func utf16Units(b []byte) []uint16 {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return units
}
