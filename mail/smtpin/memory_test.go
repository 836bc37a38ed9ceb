package smtpin

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/property"
)

// database is an inbox that does with a mail what the store does: a copy of all of it
// goes out on a connection.
type database struct {
	fakeInbox
	stored atomic.Int32
	bytes  atomic.Int64
}

func (d *database) Receive(_ context.Context, in conversation.Incoming) error {
	out := bytes.Clone(in.Raw)
	for _, a := range in.Attachments {
		out = append(out, a.Content...)
	}
	d.bytes.Add(int64(len(out)))
	d.stored.Add(1)
	return nil
}

// attached is a mail of about so many bytes, most of them a file.
func attached(size int) []byte {
	file := make([]byte, size/4*3/78*77)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range file {
		file[i] = byte(r.UintN(256))
	}
	var b bytes.Buffer
	b.WriteString("From: ann@example.com\r\nSubject: A film\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\n\r\nHere it is.\r\n--x\r\nContent-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	encoded := base64.StdEncoding.EncodeToString(file)
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n--x--\r\n")
	return b.Bytes()
}

// Not parallel: it measures the memory of the process. The race detector looks at each
// byte of a mail; under it the mails are small, and wait for each other all the same.
func TestEightLargeMailsAtOnceStayUnder400MB(t *testing.T) {
	const mails, most = 8, 400 << 20
	size, limits := 24_000_000, Config{}
	if property.RaceDetector {
		size, limits = 1_000_000, Config{MaxMessageBytes: 1 << 20, MaxBytesInFlight: 1}
	}
	mail := attached(size)
	for _, declared := range []bool{true, false} {
		t.Run(fmt.Sprintf("declared=%v", declared), func(t *testing.T) {
			inbox := &database{}
			cfg := limits
			cfg.Inbox, cfg.MemoryPatience = inbox, patience
			r := start(t, cfg)
			runtime.GC()
			before := heap()
			stop := make(chan struct{})
			peak := make(chan uint64)
			go func() { peak <- highest(stop) }()
			var all sync.WaitGroup
			for range mails {
				all.Go(func() {
					c := dial(t, r)
					c.say("EHLO client.example", "250")
					size := ""
					if declared {
						size = fmt.Sprintf(" SIZE=%d", len(mail))
					}
					c.say("MAIL FROM:<ann@example.com>"+size, "250")
					c.say("RCPT TO:<support@smarticks.test>", "250")
					c.say("DATA", "354")
					if _, err := c.W.Write(mail); err != nil {
						t.Error(err)
					}
					c.say(".", "250")
				})
			}
			all.Wait()
			close(stop)
			took := int64(<-peak) - int64(before)
			t.Logf("at most %d MB of heap", took>>20)
			if took > most {
				t.Errorf("%d mails of %d MB took %d MB", mails, len(mail)>>20, took>>20)
			}
			if n := inbox.stored.Load(); n != mails {
				t.Errorf("%d stored", n)
			}
		})
	}
}

// highest is the most heap that was in use until stop.
func highest(stop chan struct{}) (most uint64) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		most = max(most, heap())
		select {
		case <-stop:
			return most
		case <-tick.C:
		}
	}
}

// heap is how many bytes of the heap are in use. Reading it stops nothing, as
// runtime.ReadMemStats would.
func heap() uint64 {
	objects := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(objects)
	return objects[0].Value.Uint64()
}

func TestAMailThatFindsNoRoomIsToldToComeLater(t *testing.T) {
	t.Parallel()
	inbox := &fakeInbox{entered: make(chan struct{}), release: make(chan struct{})}
	r := start(t, Config{Inbox: inbox, MaxMessageBytes: 1 << 20, MaxBytesInFlight: 1, MemoryPatience: time.Millisecond})
	large := strings.Repeat("a line of words\r\n", 50_000)
	begin := func() *client {
		c := dial(t, r)
		c.say("EHLO client.example", "250")
		c.say("MAIL FROM:<ann@example.com>", "250")
		c.say("RCPT TO:<support@smarticks.test>", "250")
		c.say("DATA", "354")
		return c
	}
	first := begin()
	first.raw(simple + large + ".\r\n")
	<-inbox.entered // it is being stored
	second, small := begin(), begin()
	second.say(simple+large+".", "452 4.3.1")
	inbox.set(func() { inbox.entered = nil })
	small.say(simple+".", "250") // small ones go by
	close(inbox.release)
	first.expect("250")
	// The same connection may try again.
	second.say("MAIL FROM:<ann@example.com>", "250")
	second.say("RCPT TO:<support@smarticks.test>", "250")
	second.say("DATA", "354")
	second.say(simple+large+".", "250")
	if n := len(inbox.received()); n != 3 {
		t.Errorf("%d mails", n)
	}
}

func TestEveryLineEndBecomesOneAndIsCountedOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\r\nb": "a\r\nb", "a\nb": "a\r\nb", "a\rb": "a b", "\n\n": "\r\n\r\n", "\r\r\n": " \r\n", "\r": " ", "a\r": "a ",
		"\n\r\n": "\r\n\r\n", "": "",
		"\r\n\r\n": "\r\n\r\n", "a\n\rb": "a\r\n b",
	} {
		for _, step := range []int{1, 2, 3, 100} {
			l := &lineEnds{from: &steps{strings.NewReader(in), step}}
			var got []byte
			for !l.ended {
				var err error
				got, err = l.more(got)
				must(t, err)
			}
			if string(got) != want || l.bare != (in != want) || l.came != int64(len(in)) {
				t.Errorf("%q by %d: %q, bare %v, %d bytes", in, step, got, l.bare, l.came)
			}
		}
	}
}

// steps reads so many bytes at once.
type steps struct {
	r *strings.Reader
	n int
}

func (s *steps) Read(b []byte) (int, error) { return s.r.Read(b[:min(len(b), s.n)]) }

// Neither a mail that waits for room nor one that is being stored permanently holds up the
// end for longer than the grace.
func TestShutdownDoesNotWaitForAMailThatWaitsForRoom(t *testing.T) {
	t.Parallel()
	inbox := &fakeInbox{entered: make(chan struct{}), release: make(chan struct{})}
	r := start(t, Config{Inbox: inbox, MaxMessageBytes: 1 << 20, MaxBytesInFlight: 1, MemoryPatience: patience,
		ShutdownGrace: 50 * time.Millisecond})
	large := simple + strings.Repeat("a line of words\r\n", 50_000) + ".\r\n"
	storing, waiting := dial(t, r), dial(t, r)
	storing.begin()
	storing.raw(large)
	<-inbox.entered
	waiting.begin()
	waiting.raw(large)
	r.stop()
	must(t, wait(t, r.done))
	close(inbox.release)
	if code, _, err := waiting.ReadResponse(-1); code == 250 {
		t.Error("it was taken", err)
	}
}
