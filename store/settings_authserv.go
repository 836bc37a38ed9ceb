package store

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// authservIDs cleans the names of servers whose word counts.
func cleanAuthservIDs(p *problems, ids []string) []string {
	var out []string
	for i, id := range ids {
		id = strings.ToLower(p.line(at("authserv_ids", i), strings.TrimSpace(id), 1, 253))
		if strings.ContainsAny(id, " ;()\"") {
			p.add(at("authserv_ids", i), "this must be what stands first in Authentication-Results, such as mx.example.com")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) > conversation.MaxAuthservIDs {
		p.add("authserv_ids", "there are at most 20 servers")
	}
	return out
}

// AuthservIDs are the servers whose Authentication-Results count. They are what
// HasMailboxes read last: every mail has a recipient, so that they need no statement of
// their own.
func (s *Store) AuthservIDs() []string {
	if ids := s.authserv.Load(); ids != nil {
		return *ids
	}
	return nil
}
