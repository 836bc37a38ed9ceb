package directory

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// authservIDs cleans the names of servers whose word counts.
func cleanAuthservIDs(p *pg.Problems, ids []string) []string {
	var out []string
	for i, id := range ids {
		id = strings.ToLower(p.Line(pg.At("authserv_ids", i), strings.TrimSpace(id), 1, 253))
		if strings.ContainsAny(id, " ;()\"") {
			p.Add(pg.At("authserv_ids", i), "this must be what stands first in Authentication-Results, such as mx.example.com")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) > conversation.MaxAuthservIDs {
		p.Add("authserv_ids", "there are at most 20 servers")
	}
	return out
}
