package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	results   []result
	workflows []result // of mailboxes with 20 and with 1,000 workflows
	beside    []besides
	lengths   []string
	judged    judgement
	took      time.Duration
}

// of are the results of a shape on a target, round by round.
func of(results []result, stand, shape, target string) []result {
	return slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.stand != stand || r.shape != shape || r.target != target })
}

// median of what get reads from the results; 0 when there are none.
func median(results []result, get func(result) float64) float64 {
	var all []float64
	for _, r := range results {
		all = append(all, get(r))
	}
	return middle(all)
}

func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

// ratio is the median over the rounds of ours in times of the other, each within its round.
func ratio(a, b []result, get func(result) float64) float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		if v := get(b[i]); v > 0 {
			all = append(all, get(a[i])/v)
		}
	}
	return middle(all)
}

func done(r result) float64 { return r.done }

// unique keeps the first of each, in their order.
func unique(results []result, get func(result) string) []string {
	var out []string
	for _, r := range results {
		if !slices.Contains(out, get(r)) {
			out = append(out, get(r))
		}
	}
	return out
}

// command is how a section is measured again.
const command = "make bench-load"

func (a *report) markdown() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("Measured on %s, %d processors, in %v; figures are medians of the rounds.", time.Now().Format(time.DateOnly), runtime.NumCPU(),
		a.took.Round(time.Second))
	p("%d mails and signals were accepted; %d were lost, %d effects were doubled.", a.judged.events, a.judged.lost, a.judged.doubled)
	for _, stand := range unique(a.results, func(r result) string { return r.stand }) {
		a.section(p, stand)
	}
	a.sectionBeside(p)
	return b.String()
}

var titles = map[string]string{
	"embedded": "Embedded: `smarticks up --demo=false`",
	"server":   "Four roles on a Temporal server " + temporalServer + " with Postgres",
}

func (a *report) section(p func(string, ...any), stand string) {
	here := slices.DeleteFunc(slices.Clone(a.results), func(r result) bool { return r.stand != stand })
	targets := unique(here, func(r result) string { return r.target })
	p("\n### %s\n", titles[stand])
	head, line := "| load | ours, done in a second |", "|---|---|"
	for _, t := range targets[1:] {
		head += " " + t + " | ours in times of it |"
		line += "---|---|"
	}
	p("%s from the 250 to the last effect: p50, p95, p99, max |\n%s---|", head, line)
	for _, shape := range unique(here, func(r result) string { return r.shape }) {
		mine := of(here, stand, shape, ours)
		row := fmt.Sprintf("| %s | %s |", shape, rate(mine))
		for _, t := range targets[1:] {
			other := of(here, stand, shape, t)
			row += fmt.Sprintf(" %s | **%.2f** |", rate(other), ratio(mine, other, done))
		}
		p("%s %s |", row, latency(mine))
	}
	p("\nCPU in ms, and the rest, for each mail:\n")
	a.costs(p, here, targets)
	again(p, "-stands "+stand)
}

// rate is the median, and behind it the rounds.
func rate(results []result) string {
	var rounds []string
	for _, r := range results {
		rounds = append(rounds, fmt.Sprintf("%.0f", r.done))
	}
	return fmt.Sprintf("%.0f (%s)", median(results, done), strings.Join(rounds, ", "))
}

func latency(results []result) string {
	var parts []string
	for _, get := range []func(result) time.Duration{
		func(r result) time.Duration { return r.latency.P50 }, func(r result) time.Duration { return r.latency.P95 },
		func(r result) time.Duration { return r.latency.P99 }, func(r result) time.Duration { return r.latency.Max },
	} {
		parts = append(parts, fmt.Sprintf("%.0f", median(results, func(r result) float64 { return float64(get(r).Microseconds()) / 1000 })))
	}
	return strings.Join(parts, ", ") + " ms"
}

func (a *report) costs(p func(string, ...any), here []result, targets []string) {
	var processes []string
	for name := range here[0].use.cpu {
		processes = append(processes, name)
	}
	slices.SortFunc(processes, func(x, y string) int { return strings.Compare(order(x), order(y)) })
	p("| load | | %s | sum without the driver | history events | our commits | our statements | our WAL | others' share of the "+
		"machine |\n|%s", strings.Join(processes, " | "), strings.Repeat("---|", len(processes)+8))
	for _, shape := range unique(here, func(r result) string { return r.shape }) {
		for _, t := range targets {
			runs := of(here, here[0].stand, shape, t)
			row := fmt.Sprintf("| %s | %s |", shape, t)
			for _, name := range processes {
				row += fmt.Sprintf(" %.1f |", median(runs, func(r result) float64 { return 1000 * r.use.cpu[name] }))
			}
			row += fmt.Sprintf(" **%.1f** | %.1f |", median(runs, func(r result) float64 { return r.use.sum() }),
				median(runs, func(r result) float64 { return r.history }))
			if t != ours {
				p("%s | | | %.0f %% |", row, median(runs, others))
				continue
			}
			statements := "not counted"
			if n := median(runs, func(r result) float64 { return r.use.calls[ourPostgres] }); n > 0 {
				statements = fmt.Sprintf("%.1f", n)
			}
			p("%s %.1f | %s | %.1f KB | %.0f %% |", row, median(runs, func(r result) float64 { return r.use.commits[ourPostgres] }), statements,
				median(runs, func(r result) float64 { return r.use.wal[ourPostgres] / 1000 }), median(runs, others))
		}
	}
}

func others(r result) float64 { return 100 * r.use.busy / cores }

// order sorts the processes: ours, our Postgres, Temporal, its Postgres, the driver.
func order(name string) string {
	switch name {
	case driver:
		return "9"
	case temporalPostgres:
		return "8"
	case "Temporal":
		return "7"
	case ourPostgres:
		return "6"
	default:
		return "1" + name
	}
}

func (a *report) sectionBeside(p func(string, ...any)) {
	if len(a.beside) == 0 {
		return
	}
	p("\n### Many workflows in the mailbox\n")
	p("| | 20 workflows | 1,000 workflows | with 1,000, in times of 20 |\n|---|---|---|---|")
	for _, stand := range unique(a.workflows, func(r result) string { return r.stand }) {
		few, many := of(a.workflows, stand, a.workflows[0].shape, "20 workflows"), of(a.workflows, stand, a.workflows[0].shape, "1,000 workflows")
		p("| %s, %s, done in a second | %s | %s | **%.2f** |", stand, a.workflows[0].shape, rate(few), rate(many), ratio(many, few, done))
		sum := func(r result) float64 { return r.use.sum() }
		p("| %s, CPU for each mail | %.1f ms | %.1f ms | %.2f |", stand, median(few, sum), median(many, sum), ratio(many, few, sum))
	}
	again(p, "-shapes none")
	p("\n### What other conversations notice\n")
	p("Steady traffic of 5 mails a second, from the 250 to the last effect: p50, p95, p99, max.\n")
	p("| | alone | beside it | p95, in times of alone |\n|---|---|---|---|")
	for i := 0; i+1 < len(a.beside); i += 2 {
		alone, with := a.beside[i], a.beside[i+1]
		what, _ := strings.CutSuffix(alone.what, ": alone")
		p("| %s, %s | %s | %s | **%.2f** |", alone.stand, what, four(alone.latency), four(with.latency),
			float64(with.latency.P95)/float64(max(alone.latency.P95, 1)))
	}
	p("")
	for _, l := range a.lengths {
		p("- %s", l)
	}
	again(p, "-shapes none")
}

func four(s spread) string {
	ms := func(d time.Duration) int64 { return d.Milliseconds() }
	return fmt.Sprintf("%d, %d, %d, %d ms", ms(s.P50), ms(s.P95), ms(s.P99), ms(s.Max))
}

// again says how to measure a section again.
func again(p func(string, ...any), flags string) {
	p("\n```console\n%s BENCH_FLAGS='%s'\n```", command, flags)
}

// The tables stand between these marks.
const (
	beginMark = "<!-- bench: what follows is written by make bench -->"
	endMark   = "<!-- bench: end -->"
)

// splice puts text between the marks of a document.
func splice(file, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, rest, ok := strings.Cut(string(b), beginMark)
	_, end, closed := strings.Cut(rest, endMark)
	if !ok || !closed {
		return fmt.Errorf("%s has no marks of the bench", file)
	}
	return os.WriteFile(file, []byte(begin+beginMark+"\n\n"+text+"\n"+endMark+end), 0o644)
}
