package mail

import (
	"bytes"
	"strings"
)

// address is one mailbox of From, To or Cc.
type address struct{ name, address string }

func addressesOnly(list []address) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.address)
	}
	return out
}

// addresses reads address lists as they stand in the mail, at most 500: with
// comments, groups, source routes, quoted local parts (RFC 5322 3.4 and 4.4), and
// as far as possible what breaks these rules. Each byte is looked at a fixed number
// of times.
func (r *reader) addresses(values []string) []address {
	var list []address
	for _, v := range values {
		r.steps += len(v)
		l := addressList{r: r, in: v, raw: []byte(v), left: maxAddresses + 1 - len(list)}
		if list = append(list, l.read()...); len(list) > maxAddresses {
			r.note("there are more than 500 addresses")
			return list[:maxAddresses]
		}
	}
	return list
}

// addressList reads one value.
type addressList struct {
	r       *reader
	in      string
	raw     []byte // the same
	left    int    // addresses that are still wanted
	list    []address
	entries int
	bare    address // what an entry without an address stands for, if it stands alone

	phrase   []byte // of the entry that is read, quotes taken off
	quoted   []byte // the same with its quotes: a local part may need them
	comments []byte
	route    string // what stands between angle brackets
	angle    bool

	noComment, noQuote bool // nothing further on closes one: looking for that once is enough
}

func (l *addressList) read() []address {
	words := wordDecoder{steps: &l.r.steps}
	for i := 0; i < len(l.in) && len(l.list) < l.left; {
		rest, n := l.in[i:], 1
		switch c := rest[0]; {
		case c == '(' && !l.noComment:
			text, length := cutComment(rest)
			if l.noComment = length == 0; l.noComment {
				l.r.steps += len(rest)
				continue
			}
			l.comments = append(append(l.comments, ' '), text...)
			l.space()
			n = length
		case c == '"' && !l.noQuote:
			text, after, ok := cutQuoted(rest[1:])
			if l.noQuote = !ok; l.noQuote {
				l.r.steps += len(rest)
				continue
			}
			n = len(rest) - len(after)
			l.word(text, rest[:n])
		case c == '"':
		case c == '<':
			if l.angle {
				l.end()
			}
			l.route, n = cutRoute(rest)
			l.angle = true
		case c == ',' || c == ';':
			l.end()
		case c == ':' && !l.angle && !bytes.ContainsRune(l.quoted, '@'):
			l.phrase, l.quoted, l.comments = nil, nil, nil // the name of a group, or mailto
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			l.space()
		case strings.HasPrefix(rest, "=?"):
			if _, length := words.cutWord(l.raw[i:]); length > 0 {
				n = length
			}
			l.word(rest[:n], rest[:n])
		default:
			l.word(rest[:n], rest[:n])
		}
		i += n
	}
	l.end()
	if len(l.list) == 0 && (l.entries == 1 || isDaemon(l.bare.address)) && l.bare.address != "" {
		l.list = append(l.list, l.bare)
	}
	return l.list
}

func (l *addressList) word(text, quoted string) {
	if l.angle {
		l.end()
	}
	l.phrase = append(l.phrase, text...)
	l.quoted = append(l.quoted, quoted...)
}

func (l *addressList) space() {
	if n := len(l.phrase); n > 0 && l.phrase[n-1] != ' ' {
		l.phrase = append(l.phrase, ' ')
	}
	if n := len(l.quoted); n > 0 && l.quoted[n-1] != ' ' {
		l.quoted = append(l.quoted, ' ')
	}
}

// end takes the entry that was read.
func (l *addressList) end() {
	name, comment := l.text(l.phrase), l.text(l.comments)
	words := wordsOutsideQuotes(string(l.quoted))
	addr := ""
	if l.angle {
		addr = l.address(l.route)
	} else {
		name = ""
	}
	if l.angle || len(words) > 0 {
		l.entries++
	}
	if addr == "" && len(words) > 0 {
		addr, name = l.addressAmong(words)
	}
	if name == "" {
		name = comment
	}
	switch {
	case addr == "":
	case l.angle || strings.Contains(addr, "@"):
		l.list = append(l.list, address{name, addr})
	default:
		l.bare = address{name, addr}
	}
	l.phrase, l.quoted, l.comments, l.route, l.angle = l.phrase[:0], l.quoted[:0], l.comments[:0], "", false
}

// addressAmong picks the address out of words without brackets: one with an at sign,
// all of them if only spaces stand around its signs, or a name that stands for a
// mailbox by itself such as MAILER-DAEMON. The words before it are a name.
func (l *addressList) addressAmong(words []string) (addr, name string) {
	for i, w := range words {
		if at := strings.LastIndexByte(w, '@'); at > 0 && at < len(w)-1 || isDaemon(w) {
			return l.address(w), l.text([]byte(strings.Join(words[:i], " ")))
		}
	}
	for i, w := range words[1:] {
		if !strings.ContainsAny(w[:1], "@.") && !strings.HasSuffix(words[i], "@") && !strings.HasSuffix(words[i], ".") {
			return "", ""
		}
	}
	return l.address(strings.Join(words, "")), ""
}

// address returns an address in lower case without comments, a source route and
// needless quotes; empty when it cannot be one.
func (l *addressList) address(s string) string {
	s = withoutComments(strings.TrimSpace(s))
	if strings.HasPrefix(s, "@") {
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	if strings.Contains(s, "=?") {
		s = l.r.decodeHeader([]byte(s))
	}
	s = strings.ToLower(cleanLine(rawText([]byte(s))))
	s = strings.TrimPrefix(s, "mailto:")
	local, domain := "", s
	if strings.HasPrefix(s, `"`) {
		if v, after, ok := cutQuoted(s[1:]); ok && strings.HasPrefix(after, "@") {
			local, domain = s[:len(s)-len(after)], after
			if isDotAtom(v, isLocalByte) {
				local = v
			}
		}
	}
	domain = strings.Trim(strings.Join(strings.Fields(domain), ""), `"'();:`)
	if len(local)+len(domain) > 320 || strings.ContainsAny(domain, `<>,"`) || domain == "@" {
		return ""
	}
	return local + domain
}

// text makes a name of what stands in the mail.
func (l *addressList) text(b []byte) string {
	s := strings.TrimSpace(strings.Trim(l.r.decodeHeader(b), `" `))
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	return s
}

// cutComment reads a comment with those within it, without the outer parentheses.
// length is 0 when it is not closed.
func cutComment(s string) (text string, length int) {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '(':
			if depth++; depth == 1 {
				continue
			}
		case s[i] == ')':
			if depth--; depth == 0 {
				return b.String(), i + 1
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0
}

func withoutComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, _, found := strings.Cut(s, "(")
		b.WriteString(before)
		if !found {
			break
		}
		_, length := cutComment(s[len(before):])
		if length == 0 {
			break
		}
		s = s[len(before)+length:]
	}
	return b.String()
}

// cutRoute reads what stands between angle brackets. Without a closing one it ends
// where the next entry begins. length includes the brackets.
func cutRoute(s string) (route string, length int) {
	begin := len(s) - len(strings.TrimLeft(s, "< \t"))
	hops := strings.HasPrefix(s[begin:], "@") // commas part the hops of a source route
	for i := begin; i < len(s); i++ {
		switch c := s[i]; {
		case c == '>':
			return s[begin:i], i + 1 + len(s[i+1:]) - len(strings.TrimLeft(s[i+1:], ">"))
		case c == '"':
			if _, after, ok := cutQuoted(s[i+1:]); ok && strings.HasPrefix(after, "@") {
				i = len(s) - len(after) - 1
			}
		case c == ':':
			hops = false
		case c == '<', (c == ',' || c == ';') && !hops:
			return s[begin:i], i
		}
	}
	return s[begin:], len(s)
}

// wordsOutsideQuotes splits at spaces that stand outside quotes.
func wordsOutsideQuotes(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == ' ' && !quoted
	})
}

// isDaemon reports whether a word is a name of those who report about mail.
func isDaemon(word string) bool {
	word = strings.ToLower(word)
	return word == "mailer-daemon" || word == "postmaster"
}
