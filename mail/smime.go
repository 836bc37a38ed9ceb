package mail

import (
	"bytes"
	"strings"
)

// isPKCS7 reports whether a part is a container of S/MIME (RFC 8551 3.2).
func (p part) isPKCS7() bool {
	switch p.kind {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	case "application/octet-stream":
		return strings.HasSuffix(strings.ToLower(p.name), ".p7m")
	}
	return false
}

// unpack reads a container of S/MIME: of a signed one the entity that was signed, its
// signature unverified. What is encrypted or cannot be read is kept as a file.
func (r *reader) unpack(p part, depth int) []piece {
	content, _ := r.transfer(p.encoding, p.body)
	r.steps += len(content)
	kind, entity := cmsContent(content)
	switch kind {
	case cmsSigned:
		if len(entity) == 0 { // certificates alone, or a signature of something else
			break
		}
		fields, body := r.header(skipLeadingBlankLines(entity))
		return r.walk(r.part(fields, body, ""), depth+1)
	case cmsCompressed:
		r.partsGap("a part is compressed in a way that is not read")
	case cmsEncrypted:
		r.partsGap("the mail is encrypted")
	default:
		r.partsGap("a signed or encrypted part could not be read")
	}
	r.attach(p)
	return nil
}

// cmsKind is what a container holds (RFC 5652).
type cmsKind int

const (
	cmsUnknown cmsKind = iota
	cmsSigned
	cmsEncrypted
	cmsCompressed
)

// The object identifiers of the contents, as they stand in a container.
var cmsKinds = []struct {
	oid  string
	kind cmsKind
}{
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", cmsSigned},             // signedData
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", cmsEncrypted},          // envelopedData
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06", cmsEncrypted},          // encryptedData
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", cmsEncrypted},  // authEnvelopedData
	{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", cmsCompressed}, // compressedData
}

// cmsContent reads as much of a container as tells its kind and, if it is signed, what
// was signed. It goes straight to that and looks neither at certificates nor at
// signatures, so that no odd one among them hides a text.
func cmsContent(b []byte) (kind cmsKind, content []byte) {
	info, ok := berEnter(b, 0x30) // ContentInfo
	if !ok {
		return cmsUnknown, nil
	}
	oid, rest, ok := berPrimitive(info, 0x06)
	if !ok {
		return cmsUnknown, nil
	}
	for _, k := range cmsKinds {
		if string(oid) == k.oid {
			kind = k.kind
		}
	}
	if kind != cmsSigned {
		return kind, nil
	}
	inner, ok := berEnter(rest, 0xa0)
	if ok {
		inner, ok = berEnter(inner, 0x30) // SignedData
	}
	for range 2 { // its version, the digest algorithms
		if ok {
			inner, ok = berSkip(inner)
		}
	}
	if ok {
		inner, ok = berEnter(inner, 0x30) // EncapsulatedContentInfo
	}
	if ok {
		_, inner, ok = berPrimitive(inner, 0x06)
	}
	if !ok {
		return cmsUnknown, nil
	}
	if inner, ok = berEnter(inner, 0xa0); !ok {
		return cmsSigned, nil
	}
	return cmsSigned, berOctets(inner)
}

// berHeader reads the tag and the length of an element (X.690 8.1); length is -1 for
// an indefinite one.
func berHeader(b []byte) (tag byte, length int, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return 0, 0, nil, false
	}
	tag, length, rest = b[0], int(b[1]), b[2:]
	switch {
	case length == 0x80:
		return tag, -1, rest, tag&0x20 != 0
	case length > 0x80:
		n := length & 0x7f
		if n > 4 || n > len(rest) {
			return 0, 0, nil, false
		}
		length = 0
		for _, c := range rest[:n] {
			length = length<<8 | int(c)
		}
		rest = rest[n:]
	}
	return tag, length, rest, true
}

// berEnter returns what an element of the tag holds, and what follows it if that does
// not show by its length. A container that was cut off is entered as far as it goes.
func berEnter(b []byte, want byte) (content []byte, ok bool) {
	tag, length, rest, ok := berHeader(b)
	if !ok || tag != want {
		return nil, false
	}
	if length >= 0 && length < len(rest) {
		rest = rest[:length]
	}
	return rest, true
}

func berPrimitive(b []byte, want byte) (content, rest []byte, ok bool) {
	tag, length, rest, ok := berHeader(b)
	if !ok || tag != want || length < 0 || length > len(rest) {
		return nil, nil, false
	}
	return rest[:length], rest[length:], true
}

// berSkip returns what follows an element. Those of indefinite length are stepped
// through one header after the other, however deep.
func berSkip(b []byte) (rest []byte, ok bool) {
	for open := 0; ; {
		tag, length, after, ok := berHeader(b)
		switch {
		case !ok:
			return nil, false
		case length < 0:
			open++
			b = after
		case length > len(after):
			return nil, false
		default:
			b = after[length:]
			if tag == 0 && length == 0 {
				open--
			}
		}
		if open <= 0 {
			return b, true
		}
	}
}

// berOctets returns the bytes of an OCTET STRING, also of one in pieces.
func berOctets(b []byte) []byte {
	if content, _, ok := berPrimitive(b, 0x04); ok {
		return content
	}
	var out bytes.Buffer
	for open := 0; ; {
		tag, length, rest, ok := berHeader(b)
		switch {
		case !ok:
			return out.Bytes()
		case tag == 0x24: // pieces follow
			b = rest
			if length < 0 {
				open++
			}
		case tag == 0x04:
			n := min(length, len(rest))
			out.Write(rest[:n])
			b = rest[n:]
		case tag == 0 && length == 0 && open > 0:
			open--
			b = rest
		default:
			return out.Bytes()
		}
		if len(b) == 0 {
			return out.Bytes()
		}
	}
}
