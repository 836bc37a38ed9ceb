package mail

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/smarticks/smarticks/conversation"
)

// authentication returns what the trusted servers found out about From's domain
// (RFC 8601): a pass of DMARC, or, where there is no result of DMARC, one of SPF or
// DKIM for that domain. Empty: they said nothing.
//
// Only the topmost fields count: those further down may be the sender's own. Their
// receiving server should take away what claims its name (RFC 8601 5).
func authentication(fields []field, trusted []string, from string) conversation.Authentication {
	domain := keyDomain(from)
	found := []authResult{}
	reading := false
	for _, f := range fields {
		if !strings.EqualFold(f.name, "Authentication-Results") {
			if reading && !strings.HasPrefix(strings.ToLower(f.name), "arc-") {
				break
			}
			continue
		}
		server, results := authResults(rawText(f.value))
		ours := slices.ContainsFunc(trusted, func(id string) bool { return strings.EqualFold(strings.TrimSpace(id), server) })
		if !ours && reading {
			break
		}
		if ours {
			reading = true
			found = append(found, results...)
		}
	}
	if !reading {
		return ""
	}
	return judge(found, domain)
}

// judge says what the results mean for a mail from the domain.
func judge(results []authResult, domain string) conversation.Authentication {
	failed := false
	for _, r := range results {
		if r.method != "dmarc" || r.about != "" && !aligned(r.about, domain) {
			continue
		}
		switch r.result {
		case "pass":
			return conversation.AuthenticationPass
		case "fail":
			return conversation.AuthenticationFail
		}
		break
	}
	for _, r := range results {
		if r.method != "spf" && r.method != "dkim" || !aligned(r.about, domain) {
			continue
		}
		switch r.result {
		case "pass":
			return conversation.AuthenticationPass
		case "fail", "hardfail", "softfail":
			failed = true
		}
	}
	if failed {
		return conversation.AuthenticationFail
	}
	return conversation.AuthenticationNone
}

// aligned reports whether two domains belong to one organisation, as DMARC sees it
// (RFC 7489 3.1).
func aligned(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	orgA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	orgB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && orgA == orgB
}

// authResult is one "method=result", with the domain that it is about.
type authResult struct{ method, result, about string }

// maxAuthResults is how many results of one field are looked at.
const maxAuthResults = 50

// authResults reads "server 1; dkim=pass (comment) header.d=example.com; spf=…".
func authResults(value string) (server string, results []authResult) {
	clauses := authClauses(value)
	if len(clauses) == 0 || len(clauses[0]) == 0 {
		return "", nil
	}
	server = clauses[0][0]
	for _, words := range clauses[1:min(len(clauses), maxAuthResults+1)] {
		if len(words) == 0 {
			continue
		}
		method, result, ok := strings.Cut(words[0], "=")
		if !ok {
			continue
		}
		method, _, _ = strings.Cut(method, "/") // a method's version
		r := authResult{method: strings.ToLower(method), result: strings.ToLower(result)}
		for _, word := range words[1:] {
			if name, v, ok := strings.Cut(word, "="); ok && r.about == "" && namesDomain(r.method, strings.ToLower(name)) {
				r.about = keyDomain(strings.TrimPrefix(v, "@"))
			}
		}
		results = append(results, r)
	}
	return server, results
}

// namesDomain reports whether a property says which domain a method's result is about.
func namesDomain(method, property string) bool {
	switch method {
	case "dmarc":
		return property == "header.from"
	case "spf":
		return property == "smtp.mailfrom" || property == "smtp.mail"
	case "dkim":
		return property == "header.d" || property == "header.i"
	}
	return false
}

// authClauses cuts a value at its semicolons and each clause into words; comments
// are left out, quotes taken off, spaces around "=" too.
func authClauses(value string) [][]string {
	var clauses [][]string
	var words []string
	var word strings.Builder
	depth, quoted, space := 0, false, false
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
		space = false
	}
	add := func(c byte) {
		if space && c != '=' && !strings.HasSuffix(word.String(), "=") {
			end()
		}
		space = false
		word.WriteByte(c)
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			if i++; i < len(value) && depth == 0 {
				add(value[i])
			}
		case quoted && c == '"':
			quoted = false
		case quoted:
			add(c)
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case depth > 0:
		case c == '"':
			quoted = true
		case c == ';':
			end()
			clauses, words = append(clauses, words), nil
		case c == ' ' || c == '\t':
			space = true
		default:
			add(c)
		}
	}
	end()
	return append(clauses, words)
}
