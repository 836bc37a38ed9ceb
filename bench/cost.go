package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// ticks is how many clock ticks /proc counts in a second.
const ticks = 100

// process reads what Linux says of a process: its parent, and the CPU seconds that it and
// the children that it has waited for have used.
func process(pid int) (parent int, own, children float64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0, err
	}
	text := string(b)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	number := func(i int) float64 { n, _ := strconv.ParseFloat(fields[i], 64); return n } // fields of stat(5) from the third on
	return int(number(1)), (number(11) + number(12)) / ticks, (number(13) + number(14)) / ticks, nil
}

// cpu is what a process and all its descendants have used.
func cpu(pid int) float64 {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	children := map[int][]int{}
	for _, dir := range dirs {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if parent, _, _, err := process(child); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	var sum func(int) float64
	sum = func(pid int) float64 {
		_, own, ended, err := process(pid)
		if err != nil {
			return 0
		}
		total := own + ended
		for _, child := range children[pid] {
			total += sum(child)
		}
		return total
	}
	return sum(pid)
}

// busy is what all processes of the machine have used.
func busy() float64 {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	total := 0.0
	for i, f := range strings.Fields(line)[1:] {
		if i == 3 || i == 4 || i >= 8 { // idle, waiting for disks, and guests, which count as user already
			continue
		}
		n, _ := strconv.ParseFloat(f, 64)
		total += n
	}
	return total / ticks
}

// cluster is a Postgres to be asked what it did.
type cluster struct {
	conn *pgx.Conn
	name string // of the database whose commits count
	// statements says that pg_stat_statements is there.
	statements bool
}

// usage is what has been used since the start of a stand.
type usage struct {
	at        time.Time
	cpu       map[string]float64 // seconds by process
	busy      float64
	commits   map[string]float64 // of a database
	calls     map[string]float64 // statements, BEGIN and COMMIT left out
	wal       map[string]float64 // bytes
	statement map[string]statement
}

type statement struct {
	calls, ms float64
}

func (s *stand) usage(ctx context.Context) (usage, error) {
	u := usage{at: time.Now(), cpu: map[string]float64{}, busy: busy(), commits: map[string]float64{}, calls: map[string]float64{},
		wal: map[string]float64{}}
	for name, pid := range s.processes {
		if _, is := s.clusters[name]; is {
			u.cpu[name] = cpu(pid)
			continue
		}
		_, own, _, err := process(pid)
		if err != nil {
			return u, err
		}
		u.cpu[name] = own
	}
	for name, c := range s.clusters {
		var commits, wal float64
		err := c.conn.QueryRow(ctx, `SELECT (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname LIKE $1),
			pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`, c.name+"%").Scan(&commits, &wal)
		if err != nil {
			return u, err
		}
		u.commits[name], u.wal[name] = commits, wal
		if !c.statements {
			continue
		}
		rows, err := c.conn.Query(ctx, `SELECT regexp_replace(s.query, '\s+', ' ', 'g'), sum(s.calls), sum(s.total_exec_time) FROM
			pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
			WHERE d.datname LIKE $1 AND s.query !~* '^\s*(begin|commit|rollback|-- ping)' GROUP BY 1`, c.name+"%")
		if err != nil {
			return u, err
		}
		all := map[string]statement{}
		for rows.Next() {
			var text string
			var one statement
			if err := rows.Scan(&text, &one.calls, &one.ms); err != nil {
				return u, err
			}
			all[text] = one
			u.calls[name] += one.calls
		}
		if rows.Err() != nil {
			return u, rows.Err()
		}
		if name == ourPostgres {
			u.statement = all
		}
	}
	return u, nil
}

// since is what was used between two looks, for each of n events.
func (u usage) since(before usage, n int) usage {
	less := func(now, then map[string]float64) map[string]float64 {
		out := map[string]float64{}
		for k := range now {
			out[k] = (now[k] - then[k]) / float64(max(n, 1))
		}
		return out
	}
	d := usage{cpu: less(u.cpu, before.cpu), commits: less(u.commits, before.commits), calls: less(u.calls, before.calls),
		wal: less(u.wal, before.wal)}
	all := 0.0
	for _, v := range d.cpu {
		all += v * float64(n)
	}
	// The share of the machine that other programs took.
	d.busy = max(u.busy-before.busy-all, 0) / u.at.Sub(before.at).Seconds()
	d.statement = map[string]statement{}
	for text, now := range u.statement {
		then := before.statement[text]
		d.statement[text] = statement{(now.calls - then.calls) / float64(max(n, 1)), now.ms - then.ms}
	}
	return d
}

// top are the dearest statements, each with its calls for an event and its share.
func (u usage) top(n int) []string {
	total := 0.0
	for _, s := range u.statement {
		total += s.ms
	}
	texts := slices.SortedFunc(maps.Keys(u.statement),
		func(a, b string) int { return int(u.statement[b].ms*1000) - int(u.statement[a].ms*1000) })
	var out []string
	for _, text := range texts[:min(n, len(texts))] {
		s := u.statement[text]
		out = append(out, fmt.Sprintf("%4.1f %% %5.2f calls  %s", 100*s.ms/total, s.calls, text[:min(len(text), 150)]))
	}
	return out
}

// sum is the CPU of all processes but the driver, which is what is measured, in ms.
func (u usage) sum() float64 {
	total := 0.0
	for name, v := range u.cpu {
		if name != driver {
			total += v * 1000
		}
	}
	return total
}
