package sinks_test

import (
	"context"
	"errors"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/internal/sinks"
)

func startMail(t *testing.T) (*sinks.Mail, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sent")
	m, err := sinks.StartMail("127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, dir
}

func send(m *sinks.Mail, id string) error {
	return smtp.SendMail(m.Addr(), nil, "a@example.com", []string{"b@example.com"},
		[]byte("Message-ID: <"+id+">\r\nSubject: x\r\n\r\nHello.\r\n"))
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestMailIsAFileNamedByItsDeliveryAndADoubleIsCounted(t *testing.T) {
	t.Parallel()
	m, dir := startMail(t)
	for _, id := range []string{"d1@example.com", "d1@example.com", "../../evil@x"} {
		if err := send(m, id); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); got != "_.._evil.eml d1.eml" {
		t.Errorf("files: %s", got)
	}
	sent := m.Sent()
	if len(sent) != 3 || sent[1].ID != "d1" || sent[1].Copy != 2 || sent[1].To[0] != "b@example.com" {
		t.Fatalf("sent: %+v", sent)
	}
	b, err := sent[0].Read()
	if err != nil || !strings.HasSuffix(string(b), "\r\n\r\nHello.\r\n") {
		t.Errorf("content %q, %v", b, err)
	}
}

func TestAnotherMailWithAKnownMessageIDIsAnotherFile(t *testing.T) {
	t.Parallel()
	m, dir := startMail(t)
	if err := send(m, "d1@example.com"); err != nil {
		t.Fatal(err)
	}
	err := smtp.SendMail(m.Addr(), nil, "a@example.com", []string{"b@example.com"}, []byte("Message-ID: <d1@example.com>\r\n\r\nOther.\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != "d1.2.eml d1.eml" {
		t.Errorf("files: %s", got)
	}
}

func TestMailRefusesAsPlannedThenAccepts(t *testing.T) {
	t.Parallel()
	m, dir := startMail(t)
	m.Refuse(sinks.AtRcpt, 550, 1)
	m.Refuse(sinks.AtData, 451, 1)
	for _, want := range []string{"550", "451"} {
		if err := send(m, "d1@example.com"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := send(m, "d1@example.com"); err != nil || names(t, dir) != "d1.eml" {
		t.Errorf("after the planned refusals: %v, %s", err, names(t, dir))
	}
}

func TestMailDropsAfterTheDotHavingStoredOrNot(t *testing.T) {
	t.Parallel()
	m, dir := startMail(t)
	for _, stored := range []bool{false, true} {
		m.DropAfterDot(stored, 1)
		if err := send(m, "d1@example.com"); err == nil {
			t.Fatal("the sender got an answer")
		}
		if got := names(t, dir) == "d1.eml"; got != stored {
			t.Errorf("stored = %v, want %v", got, stored)
		}
	}
}

func TestWaitWakesOnMailAndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m, _ := startMail(t)
	go func() { _ = send(m, "late@example.com") }()
	got, err := m.Wait(t.Context(), func(all []sinks.SentMail) bool { return len(all) == 1 })
	if err != nil || got[0].ID != "late" {
		t.Fatalf("%v, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got, err := m.Wait(ctx, func([]sinks.SentMail) bool { return false }); !errors.Is(err, context.DeadlineExceeded) || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
}

// Whoever starts it and gives up at once, because something else is in the way,
// must not wait permanently.
func TestMailThatIsClosedAtOnceEnds(t *testing.T) {
	t.Parallel()
	for range 200 {
		m, err := sinks.StartMail("127.0.0.1:0", t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		_ = m.Close()
	}
}
