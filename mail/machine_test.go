package mail

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestMachineMarks(t *testing.T) {
	const (
		person = conversation.Machine("")
		auto   = conversation.MachineAutoReply
		bounce = conversation.MachineBounce
		list   = conversation.MachineList
		null   = conversation.MachineNullSender
		own    = conversation.MachineOwn
	)
	tests := []struct {
		header string
		want   conversation.Machine
	}{
		{"X-Nothing: x", person},
		{"Auto-Submitted: no", person},
		{"Auto-Submitted: No", person},
		{"AUTO-SUBMITTED: no (really)", person},
		{"Auto-Submitted: no; x=y", person},
		{"Auto-Submitted:", person},
		{"Auto-Submitted: auto-replied", auto},
		{"auto-submitted: AUTO-GENERATED", auto},
		{"Auto-Submitted: auto-replied (vacation)", auto},
		{"Auto-Submitted: auto-notified; owner-email=\"x@y\"", auto},
		{"X-Autoreply: yes", auto},
		{"X-Autoreply: no", person},
		{"X-Autorespond: re", auto},
		{"X-Auto-Response-Suppress: All", auto},
		{"X-Auto-Response-Suppress: DR, OOF, AutoReply", auto},
		{"X-Auto-Response-Suppress: DR", person},
		{"Precedence: auto_reply", auto},
		{"Precedence: JUNK", auto},
		{"Precedence: first-class", person},
		{"X-Loop: yes", auto},
		{"X-Loop: True", auto},
		{"X-Loop: somebody@example.com", person},
		{"X-Smarticks-Loop: r1", auto},
		{"From: No-Reply <no-reply@shop.example>", auto},
		{"From: do_not_reply@shop.example", auto},
		{"From: noreply-orders@shop.example", auto},
		{"From: reply@shop.example", person},
		{"Content-Type: multipart/report; report-type=disposition-notification; boundary=b", auto},
		{"Precedence: bulk", list},
		{"Precedence: List", list},
		{"X-Precedence: bulk", list},
		{"List-Id: <x.example.com>", list},
		{"List-Unsubscribe: <mailto:x@example.com>", list},
		{"Mailing-List: contact x", list},
		{"Content-Type: multipart/report; report-type=delivery-status; boundary=b", bounce},
		{"Content-Type: Multipart/Report; boundary=b", bounce},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nx\n--b--", bounce},
		{"From: Mail Delivery <MAILER-DAEMON@example.com>", bounce},
		{"From: MAILER-DAEMON", bounce},
		{"From: postmaster@example.com", bounce},
		{"X-Failed-Recipients: x@example.com", bounce},
		{"Return-Path: <>", null},
		// One over the other.
		{"From: Support@smarticks.test\nAuto-Submitted: auto-replied", own},
		{"Auto-Submitted: auto-replied\nX-Failed-Recipients: x@y", bounce},
		{"Auto-Submitted: auto-replied\nPrecedence: bulk", auto},
		{"Return-Path: <>\nAuto-Submitted: auto-replied", auto},
		{"Return-Path: <>\nList-Id: x", list},
	}
	isOurs := func(addr string) bool { return addr == "support@smarticks.test" }
	for _, tt := range tests {
		raw := tt.header + "\n"
		if !strings.Contains(tt.header, "From:") {
			raw = "From: ann@example.com\n" + raw
		}
		in := Parse(crlf(raw+"\nhi"), Envelope{From: "ann@example.com", Own: isOurs})
		if in.Machine != tt.want {
			t.Errorf("%q: got %q, want %q", tt.header, in.Machine, tt.want)
		}
	}
}

func TestEnvelopeMarks(t *testing.T) {
	raw := []byte("From: ann@example.com\r\n\r\nhi")
	if got := Parse(raw, Envelope{}).Machine; got != conversation.MachineNullSender {
		t.Errorf("null sender: %q", got)
	}
	ours := func(addr string) bool { return addr == "support@smarticks.test" }
	if got := Parse(raw, Envelope{From: "SUPPORT@smarticks.test", Own: ours}).Machine; got != conversation.MachineOwn {
		t.Errorf("own envelope sender: %q", got)
	}
}
