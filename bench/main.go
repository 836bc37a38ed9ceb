package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	stands  string
	shapes  string
	targets string
	rounds  int
	during  time.Duration
	beside  bool
	top     int
	write   string
	program string
}

func main() {
	var o options
	flag.StringVar(&o.stands, "stands", "embedded,server", "where to measure: embedded, server")
	flag.StringVar(&o.shapes, "shapes", "", "only the shapes whose names contain one of these words, separated by commas")
	flag.StringVar(&o.targets, "targets", "", "only the targets whose names contain one of these words; there must be ours")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each is measured, in turns")
	flag.DurationVar(&o.during, "during", 4*time.Second, "how long a run sends")
	flag.BoolVar(&o.beside, "beside", true, "measure many workflows, and steady traffic beside bursts, a slow relay and endpoints that "+
		"hang, too (on the server where that is chosen)")
	flag.IntVar(&o.top, "top", 0, "print so many of the dearest statements of each run of ours")
	flag.StringVar(&o.write, "write", "", "the document to write the tables into")
	flag.StringVar(&o.program, "smarticks", "", "the program to measure; none: this checkout's is built")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var cores = float64(runtime.NumCPU())

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func run(ctx context.Context, o options) error {
	bin, err := binDir()
	if err != nil {
		return err
	}
	smarticks := o.program
	if smarticks == "" {
		smarticks = filepath.Join(bin, "smarticks-bench")
		if err := build(ctx, os.Stderr, bin, "build", "-o", smarticks, "./cmd/smarticks"); err != nil {
			return err
		}
	}
	began := time.Now()
	var all report
	for _, start := range []struct {
		name string
		do   func(context.Context, string) (*stand, error)
	}{{"embedded", startEmbedded}, {"server", startServer}} {
		if !chosen(o.stands, start.name) {
			continue
		}
		s, err := start.do(ctx, smarticks)
		if err != nil {
			return err
		}
		err = s.all(ctx, o, &all)
		s.failed = err != nil
		s.close()
		if err != nil {
			return fmt.Errorf("%s: %w", start.name, err)
		}
	}
	all.took = time.Since(began)
	text := all.markdown()
	if o.write == "" {
		fmt.Println(text)
		return nil
	}
	return splice(o.write, text)
}

// chosen says whether a name contains one of the words; no words choose all.
func chosen(words, name string) bool {
	if words == "" {
		return true
	}
	for word := range strings.SplitSeq(words, ",") {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// The names of the targets.
const (
	ours      = "ours"
	bareThen  = "bare, two activities"
	bareLocal = "bare, two local activities"
)

// all measures everything on a stand.
func (s *stand) all(ctx context.Context, o options, to *report) error {
	if err := s.product.unlimited(ctx); err != nil {
		return err
	}
	usual, err := s.product.mailbox(ctx, "usual", 20, s.product.usual()...)
	if err != nil {
		return err
	}
	targets := []named{{usual, ours, s.conversation}}
	for _, b := range []struct {
		name, queue string
		local       bool
	}{{bareThen, "bare", false}, {bareLocal, "bare-local", true}} {
		if !chosen(o.targets, b.name) {
			continue
		}
		made, err := startBare(s.client, s.tracker, b.queue, b.local)
		if err != nil {
			return err
		}
		defer made.close()
		targets = append(targets, named{made, b.name, func(_ context.Context, first int) (string, error) { return made.id(first), nil }})
	}
	if err := s.warm(ctx, targets); err != nil {
		return err
	}
	for range o.rounds {
		for _, sh := range shapes(o.during) {
			if !chosen(o.shapes, sh.name) {
				continue
			}
			for _, target := range targets {
				r, err := s.measure(ctx, sh, target)
				if err != nil {
					return err
				}
				to.results = append(to.results, r)
				if target.name == ours {
					for _, line := range r.use.top(o.top) {
						say("    %s", line)
					}
				}
			}
		}
	}
	if o.beside && (s.name == "server" || !chosen(o.stands, "server")) {
		if err := s.beside(ctx, o, usual, to); err != nil {
			return err
		}
	}
	judged := s.tracker.judge()
	to.judged.events += judged.events
	to.judged.lost += judged.lost
	to.judged.doubled += judged.doubled
	say("%s: %d events, %d lost, %d doubled", s.name, judged.events, judged.lost, judged.doubled)
	return nil
}

// warm sends a few events through each target, so that nothing is done for the first time
// while it is measured.
func (s *stand) warm(ctx context.Context, targets []named) error {
	for _, target := range targets {
		begin := s.tracker.next()
		if err := closed(ctx, s.tracker, target, 4, time.Second); err != nil {
			return err
		}
		for _, e := range s.tracker.from(begin) {
			if e.seen[0] == 0 || e.seen[1] == 0 {
				return fmt.Errorf("an effect of %s did not come (%d by mail, %d by webhook); the logs are in %s", target.name, e.seen[0], e.seen[1],
					s.dir)
			}
		}
	}
	return nil
}
