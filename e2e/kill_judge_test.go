package e2e_test

import (
	"slices"
	"strings"
)

// judge compares what the product has with what was accepted.
func (h *house) judge(letters []letter) {
	h.t.Helper()
	bySubject := map[string][]object{}
	for _, c := range h.list("/v1/conversations") {
		bySubject[c["subject"].(string)] = append(bySubject[c["subject"].(string)], c)
	}
	if len(bySubject) != len(letters) {
		h.t.Errorf("%d conversations, want %d", len(bySubject), len(letters))
	}
	runs := h.runs()
	sent, files := h.sentByConversation(), h.sentFiles()
	for _, l := range letters {
		found := bySubject[l.subject]
		if len(found) != 1 {
			h.t.Errorf("letter %d: %d conversations, want 1", l.number, len(found))
			continue
		}
		id := found[0]["id"].(string)
		want, kinds := []string{"Answer done"}, []string{"customer", "reply"}
		if l.refund {
			want, kinds = append(want, "Refunds done"), []string{"customer", "note", "reply"}
		}
		if got := runs[id]; !slices.Equal(got, want) {
			h.t.Errorf("letter %d: runs %v, want %v", l.number, got, want)
		}
		if got := h.messageKinds(id); !slices.Equal(got, kinds) {
			h.t.Errorf("letter %d: messages %v, want %v", l.number, got, kinds)
		}
		if len(sent[id]) != 1 || !slices.Contains(files, sent[id][0]+".eml") {
			h.t.Errorf("letter %d: sent %v, want one that is a file", l.number, sent[id])
		}
	}
	// Another mail with the same Message-ID would be a file with a number.
	if len(files) != len(letters) {
		h.t.Errorf("%d files of sent mail, want %d: %v", len(files), len(letters), files)
	}
}

// runs are the names and states of the runs, sorted, by conversation.
func (h *house) runs() map[string][]string {
	h.t.Helper()
	runs := map[string][]string{}
	for _, w := range h.list("/v1/mailboxes/" + h.support + "/workflows") {
		for _, r := range h.list("/v1/workflows/" + w["id"].(string) + "/runs") {
			id := r["conversation_id"].(string)
			runs[id] = append(runs[id], r["workflow_name"].(string)+" "+r["state"].(string))
		}
	}
	for _, list := range runs {
		slices.Sort(list)
	}
	return runs
}

func (h *house) messageKinds(conversation string) []string {
	h.t.Helper()
	var kinds []string
	for _, m := range h.list("/v1/conversations/" + conversation + "/messages") {
		kinds = append(kinds, m["kind"].(string))
	}
	slices.Sort(kinds)
	return kinds
}

// sentByConversation are the ids of the sent deliveries. One that took several
// attempts must say of each but the last that its outcome was not known, or
// that the relay did not take the mail.
func (h *house) sentByConversation() map[string][]string {
	h.t.Helper()
	sent := map[string][]string{}
	again := 0
	for _, d := range h.list("/v1/deliveries") {
		id, conversation := d["id"].(string), d["conversation_id"].(string)
		if d["state"] != "sent" {
			h.t.Errorf("delivery %s is %v", id, d["state"])
			continue
		}
		sent[conversation] = append(sent[conversation], id)
		if d["attempts"].(float64) == 1 {
			continue
		}
		again++
		states := h.attempts(id)
		for i, s := range states {
			if last := i == len(states)-1; last != (s == "sent") || !last && s != "unknown" && s != "deferred" {
				h.t.Errorf("delivery %s: attempts %s", id, strings.Join(states, ", "))
			}
		}
	}
	h.t.Logf("%d deliveries took more than one attempt", again)
	return sent
}

// attempts are the states of a delivery's attempts, the first one first.
func (p *product) attempts(delivery string) []string {
	p.t.Helper()
	var states []string
	for _, try := range p.call("GET", "/v1/deliveries/"+delivery, nil)["tries"].([]any) {
		states = append(states, try.(object)["state"].(string))
	}
	return states
}
