package mail

import "strings"

// replyPrefixes are what mail programs put before the subject of an answer, in
// lower case.
var replyPrefixes = []string{
	"re", "r", "aw", "antw", "antwort", "rép", "rep", "réf", "ref", "res", "rif", "ris", "resp", "odp", "sv", "svar", "vs", "vl", "betr",
	"bls",
	"atb", "ynt", "yanıt", "vá", "ha", "отв", "ответ", "на", "απ", "回复", "回覆", "答复", "答覆", "返信", "返", "회신", "re 回复",
}

// forwardPrefixes are what they put before the subject of a forwarded mail.
var forwardPrefixes = []string{
	"fw", "fwd", "wg", "tr", "rv", "enc", "i", "inoltro", "doorst", "pd", "přep", "vb", "vs", "vidarebefordrat", "videresendt", "välitetty",
	"пересл",
	"转发", "轉寄", "転送", "전달",
}

// replyPrefix returns the prefix of an answer's subject (as subjectForSigns gives
// it), empty when it has none. "Re[2]:" and "RE :" are prefixes too.
func replyPrefix(subject string) string { return subjectPrefix(subject, replyPrefixes) }

func forwardPrefix(subject string) string { return subjectPrefix(subject, forwardPrefixes) }

func subjectPrefix(subject string, prefixes []string) string {
	head, _, ok := strings.Cut(strings.ReplaceAll(cutBytes(subject, 40), "：", ":"), ":")
	if !ok {
		return ""
	}
	head = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(head), "[]()^0123456789"))
	for _, p := range prefixes {
		if head == p {
			return p
		}
	}
	return ""
}
