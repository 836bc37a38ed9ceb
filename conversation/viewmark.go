package conversation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// The parts of a view mark, in bytes.
const (
	viewIDBytes  = 16
	viewSumBytes = 16 // of HMAC-SHA256
)

// ViewMark returns the mark by which a mail program says that it showed the
// message: the message's id and its signature. Nobody who has not seen the mail
// can make one. Empty: the key or the id cannot make any.
func ViewMark(key string, id MessageID) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(string(id), "-", ""))
	if err != nil || len(raw) != viewIDBytes || key == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, viewSum(key, raw)...))
}

// ReadViewMark returns the message of a mark that was signed with the key. It
// takes as long for a wrong signature as for the right one.
func ReadViewMark(key, mark string) (MessageID, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) != viewIDBytes+viewSumBytes || key == "" {
		return "", false
	}
	id, sum := raw[:viewIDBytes], raw[viewIDBytes:]
	if !hmac.Equal(sum, viewSum(key, id)) {
		return "", false
	}
	return MessageID(fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])), true
}

func viewSum(key string, id []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("viewed\n"))
	mac.Write(id)
	return mac.Sum(nil)[:viewSumBytes]
}
