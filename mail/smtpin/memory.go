package smtpin

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/semaphore"
)

const (
	// smallMail is what every connection may hold without asking; their number
	// bounds it.
	smallMail = 256 << 10
	// worked is how often a mail is there while it is parsed and stored, beside as it
	// came: its parts, and on its way to the database.
	worked = 3
	// hugeMail is from where what a mail took is given back to the system at once.
	hugeMail = 4 << 20
)

// memory bounds what large mails take over all connections. A mail asks once for
// all that its content may take and then once for its work; who works waits for
// nothing, so that nobody waits for each other.
type memory struct {
	most     int64
	patience time.Duration
	reading  *semaphore.Weighted // bytes of content
	working  *semaphore.Weighted // bytes of what is made of it
	parsing  *semaphore.Weighted // mails
}

func newMemory(cfg Config) *memory {
	// The largest mail must go through.
	most := max(cfg.MaxBytesInFlight, worked*cfg.MaxMessageBytes)
	return &memory{
		most: most, patience: cfg.MemoryPatience, reading: semaphore.NewWeighted(most), working: semaphore.NewWeighted(most),
		parsing: semaphore.NewWeighted(int64(cfg.ParseConcurrency)),
	}
}

// acquire waits for a moment, then has the sender try again later.
func (m *memory) acquire(ctx context.Context, s *semaphore.Weighted, n int64) error {
	ctx, cancel := context.WithTimeout(ctx, m.patience)
	defer cancel()
	if s.Acquire(ctx, n) != nil {
		return errExhausted
	}
	return nil
}

// room is what one mail holds.
type room struct {
	m             *memory
	read, work    int64
	parse, isHuge bool
}

// free gives back what is held.
func (r *room) free() {
	if r.parse {
		r.m.parsing.Release(1)
	}
	r.m.working.Release(r.work)
	if r.isHuge {
		debug.FreeOSMemory()
	}
	r.m.reading.Release(r.read)
	*r = room{m: r.m}
}

// parsed says that the mail waits for the database only.
func (r *room) parsed() {
	r.m.parsing.Release(1)
	r.parse = false
}

// workOn asks for what parsing and storing a mail of so many bytes takes.
func (r *room) workOn(ctx context.Context, size int) error {
	if size > smallMail {
		n := min(worked*int64(size), r.m.most)
		if err := r.m.acquire(ctx, r.m.working, n); err != nil {
			return err
		}
		r.work, r.isHuge = n, size > hugeMail
	}
	if err := r.m.acquire(ctx, r.m.parsing, 1); err != nil {
		return err
	}
	r.parse = true
	return nil
}

// readAll reads the content, of which the client has declared the size (zero: it has
// not) and which may have most bytes, with line ends that are all CR LF. bare says
// that some were not.
func (r *room) readAll(ctx context.Context, from io.Reader, declared, most int64) (raw []byte, bare bool, err error) {
	lines := &lineEnds{from: from}
	for !lines.ended && lines.came <= smallMail {
		if raw, err = lines.more(raw); err != nil {
			return nil, false, err
		}
	}
	if !lines.ended {
		need := most
		if declared > 0 {
			need = min(max(declared, lines.came), most)
		}
		if err := r.m.acquire(ctx, r.m.reading, need); err != nil {
			return nil, false, err
		}
		r.read = need
		if declared > 0 {
			raw = slices.Grow(raw, int(need)-len(raw)+bufferBytes)
		}
	}
	for !lines.ended {
		if raw, err = lines.more(raw); err != nil {
			return nil, false, err
		}
		if lines.came > most {
			return nil, false, smtp.ErrDataTooLarge
		}
		if lines.came > r.read && !r.grow(most) {
			return nil, false, errExhausted // more than the client had said
		}
	}
	if lines.came > most {
		return nil, false, smtp.ErrDataTooLarge
	}
	if surplus := r.read - int64(len(raw)); surplus > 0 {
		r.m.reading.Release(surplus)
		r.read -= surplus
	}
	return raw, lines.bare, nil
}

// grow asks for all that a mail may take, without waiting: it holds something.
func (r *room) grow(most int64) bool {
	if !r.m.reading.TryAcquire(most - r.read) {
		return false
	}
	r.read = most
	return true
}

// bufferBytes is how much is read at once.
const bufferBytes = 16 << 10

// lineEnds reads content and makes every line end CR LF: a lone LF becomes one, a
// lone CR a space.
type lineEnds struct {
	from  io.Reader
	came  int64 // bytes that were read
	bare  bool
	ended bool

	buffer [bufferBytes]byte
	cr     bool // a CR was read, and what follows it was not
}

// more appends what comes next.
func (l *lineEnds) more(to []byte) ([]byte, error) {
	n, err := l.from.Read(l.buffer[:])
	l.came += int64(n)
	for data := l.buffer[:n]; len(data) > 0; {
		if l.cr {
			to, data = l.afterCR(to, data)
			continue
		}
		i := slices.IndexFunc(data, func(c byte) bool { return c == '\r' || c == '\n' })
		if i < 0 {
			to = append(to, data...)
			break
		}
		to = append(to, data[:i]...)
		if l.cr = data[i] == '\r'; !l.cr {
			to, l.bare = append(to, '\r', '\n'), true
		}
		data = data[i+1:]
	}
	if errors.Is(err, io.EOF) {
		l.ended, err = true, nil
		if l.cr {
			to, l.bare = append(to, ' '), true
		}
	}
	return to, err
}

func (l *lineEnds) afterCR(to, data []byte) (after, rest []byte) {
	l.cr = false
	if data[0] == '\n' {
		return append(to, '\r', '\n'), data[1:]
	}
	l.bare = true
	return append(to, ' '), data
}
