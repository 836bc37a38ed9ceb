package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkOpenConversations measures what conversations cost that are open and
// wait for a timer: space on disk, the memory of a worker that has as many in its
// cache as it keeps (10,000), and how soon a worker that is started works.
func BenchmarkOpenConversations(b *testing.B) {
	for _, n := range []int{2_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { openConversations(b, n) })
	}
}

func openConversations(b *testing.B, n int) {
	once(b)
	p := start(b, options{keepTemporal: true, noWorker: true})
	p.workflow(p.support, object{
		"name": "overdue", "conditions": []any{any1("waiting_since", "longer_than", "30d")},
		"actions": []any{object{"do": "add_tags", "tags": []any{"overdue"}}},
	})
	worker := p.spawnWorker()
	original := p.original()
	idle, postgres, temporal := residentMB(b, worker), p.postgresBytes(), p.temporalBytes()

	began := time.Now()
	p.openMany(original, n)
	setUp := time.Since(began)
	full := residentMB(b, worker)
	worker.stop()
	postgres, temporal = p.postgresBytes()-postgres, p.temporalBytes()-temporal

	// A customer writes while nobody works: how long from the start of the process.
	p.send("ann@example.com", "support@smarticks.test", "again@example.com", "Re: Where is my parcel?", "Is it there?",
		"In-Reply-To: <original@example.com>")
	began = time.Now()
	p.spawnWorker()
	p.until(func() bool { return p.count(`SELECT count(*) FROM conversations WHERE handled_seq < last_seq`) == 0 }, func() {})
	first := time.Since(began)

	say("\n| open conversations, each with an armed timer | %d |\n|---|---|", n)
	say("| Temporal's database (the dev server's file), for each | %.1f KB |", float64(temporal)/1000/float64(n))
	say("| Postgres, for each | %.1f KB |", float64(postgres)/1000/float64(n))
	say("| memory of the worker: with none, and with %d in its cache | %d MB, %d MB |", min(n, 10_000), idle, full)
	say("| from the start of a worker to its first handled message | %v |", first.Round(10*time.Millisecond))
	say("| to open them | %v, %.0f in a second |", setUp.Round(time.Second), float64(n)/setUp.Seconds())
	b.ReportMetric(float64(temporal)/float64(n), "temporal-B/conversation")
	b.ReportMetric(float64(postgres)/float64(n), "postgres-B/conversation")
}

// openMany makes the conversations, some thousands at a time so that the
// starter has always enough to wake, and returns when all timers are armed.
func (p *product) openMany(original string, n int) {
	p.t.Helper()
	const batch = 5000
	began := time.Now()
	for made := 0; made < n; made += batch {
		p.copies(original, min(batch, n-made), time.Now())
		p.until(func() bool { return p.count(`SELECT count(*) FROM outbox`) < batch/5 }, func() {
			armed := p.count(`SELECT count(*) FROM conversations WHERE next_due IS NOT NULL`)
			say("%d of %d timers are armed, %.0f in a second", armed, n, float64(armed)/time.Since(began).Seconds())
		})
	}
	p.until(func() bool { return p.count(`SELECT count(*) FROM outbox`) == 0 }, func() {})
	if armed := p.count(`SELECT count(*) FROM conversations WHERE next_due IS NOT NULL`); armed != n+1 {
		p.t.Fatalf("%d timers are armed, want %d", armed, n+1)
	}
}

func (p *product) postgresBytes() int {
	return p.count(`SELECT pg_database_size(current_database())`)
}

// temporalBytes is the size of the dev server's files, whose log of changes not
// yet in the main file is one of them.
func (p *product) temporalBytes() int {
	p.t.Helper()
	files, err := filepath.Glob(p.temporal.DBFile() + "*")
	must(p.t, err)
	total := 0
	for _, file := range files {
		info, err := os.Stat(file)
		must(p.t, err)
		total += int(info.Size())
	}
	return total
}

// residentMB is the memory of a process that is not swapped out, as Linux tells.
func residentMB(t testing.TB, c *child) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			must(t, err)
			return kb / 1000
		}
	}
	t.Fatal("Linux does not tell the memory of the worker")
	return 0
}
