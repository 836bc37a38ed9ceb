package conversation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// markVersion begins every mark.
const markVersion = "v1."

// MaxMark is the longest that a mark can be, in characters.
const MaxMark = 900

// Mark is a cause on its way through the world: in the header of a mail or a
// webhook, to come back with what they lead to.
type Mark struct {
	// ConversationID is where the cause's origin is; anywhere else the origin means
	// nothing.
	ConversationID ID
	Cause          Cause
}

// mark is how a Mark is written.
type mark struct {
	Conversation string `json:"c"`
	Origin       int64  `json:"o"`
	Depth        int    `json:"d"`
	Path         string `json:"p"` // ids of 16 bytes
	Run          string `json:"r"`
}

// Sign writes the mark with its signature. It fits into one header line.
func (m Mark) Sign(key string) string {
	if key == "" {
		return ""
	}
	content, err := json.Marshal(mark{string(m.ConversationID), m.Cause.Origin, m.Cause.Depth, packIDs(m.Cause.Path), m.Cause.Run})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	text := markVersion + base64.RawURLEncoding.EncodeToString(content)
	return text + "." + signature(key, text)
}

// ReadMark reads what Sign wrote with the same key. Anything else is no mark.
func ReadMark(key, text string) (Mark, bool) {
	text = strings.TrimSpace(text)
	dot := strings.LastIndexByte(text, '.')
	if key == "" || len(text) > MaxMark || dot < len(markVersion) || !hmac.Equal([]byte(text[dot+1:]), []byte(signature(key, text[:dot]))) {
		return Mark{}, false
	}
	content, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text[:dot], markVersion))
	if err != nil {
		return Mark{}, false
	}
	var in mark
	if json.Unmarshal(content, &in) != nil {
		return Mark{}, false
	}
	return Mark{ID(in.Conversation), Cause{Origin: in.Origin, Depth: in.Depth, Path: unpackIDs(in.Path), Run: in.Run}}, true
}

// Here returns the cause as it continues in the conversation: what comes back to
// where it began has its origin still, anywhere else it is an origin of its own,
// as deep in the chain.
func (m Mark) Here(c Conversation) Cause {
	cause := m.Cause
	cause.Path = slices.Clone(cause.Path)
	if m.ConversationID != c.ID || cause.Origin > c.LastSeq {
		cause.Origin = 0
	}
	return cause
}

func signature(key, text string) string {
	sum := hmac.New(sha256.New, []byte(key))
	sum.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:16])
}

// packIDs writes UUIDs short: a chain of ten must fit into a header line. What is
// no UUID is left out.
func packIDs(ids []string) string {
	var all []byte
	for _, id := range ids[max(0, len(ids)-MaxDepth):] {
		if b, err := hex.DecodeString(strings.ReplaceAll(id, "-", "")); err == nil && len(b) == 16 {
			all = append(all, b...)
		}
	}
	return base64.RawURLEncoding.EncodeToString(all)
}

func unpackIDs(text string) []string {
	all, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	var ids []string
	for ; len(all) >= 16; all = all[16:] {
		h := hex.EncodeToString(all[:16])
		ids = append(ids, h[:8]+"-"+h[8:12]+"-"+h[12:16]+"-"+h[16:20]+"-"+h[20:])
	}
	return ids
}
