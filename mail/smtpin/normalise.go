package smtpin

import "bytes"

// normalise makes CRLF the only line end: a lone LF becomes one, a lone CR a
// space (as Postfix does), so that nothing that reads the stored mail, or sends
// it on, can see an end of data in it that we did not see. bare tells whether
// there were any.
func normalise(raw []byte) (out []byte, bare bool) {
	crlf := bytes.Count(raw, []byte("\r\n"))
	if bytes.Count(raw, []byte("\n")) == crlf && bytes.Count(raw, []byte("\r")) == crlf {
		return raw, false
	}
	out = make([]byte, 0, len(raw)+len(raw)/16)
	for i, c := range raw {
		switch {
		case c == '\n' && (i == 0 || raw[i-1] != '\r'):
			out = append(out, '\r', '\n')
		case c == '\r' && (i+1 == len(raw) || raw[i+1] != '\n'):
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return out, true
}
