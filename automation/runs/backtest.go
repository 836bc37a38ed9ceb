package runs

import (
	"fmt"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// BacktestID names a backtest: a UUIDv7 in lower case.
type BacktestID string

// BacktestState says how far a backtest is.
type BacktestState string

// The states of a backtest. All but running are its end.
const (
	BacktestRunning   BacktestState = "running"
	BacktestCancelled BacktestState = "cancelled"
	BacktestDone      BacktestState = "done"
)

// MaxBacktestDays is how far a backtest looks back at most.
const MaxBacktestDays = 90

// Backtest is a run of a version over what really happened in its mailbox.
type Backtest struct {
	ID           BacktestID
	MailboxID    conversation.MailboxID
	DefinitionID automation.DefinitionID
	Name         string
	// Version is what is tested, 0 the draft as it was; Against is what it is compared
	// with, 0 nothing but the runs that really were made.
	Version, Against int
	From, Until      time.Time
	State            BacktestState
	Total            int // conversations; -1: not counted yet
	Looked           int
	Erased           int // conversations of the time that were deleted permanently
	Runs             int // that the tested version would have made
	// Counts are those of the comparison, by with whom and outcome.
	Counts map[With]map[BacktestOutcome]int
	Actor  conversation.UserID

	CreatedAt, UpdatedAt, FinishedAt time.Time
}

// Final reports whether nothing more comes of it.
func (s BacktestState) Final() bool { return s != BacktestRunning }

// BacktestQuestion is what one conversation is asked.
type BacktestQuestion struct {
	Tested  automation.Version
	Against *automation.Version // nil: none
	From    time.Time
	Until   time.Time
}

// With says what the tested version's runs are compared with.
type With string

// The two comparisons.
const (
	WithVersion With = "version" // the runs that another version would have made
	WithLive    With = "live"    // the runs that really were made
)

// BacktestOutcome says how the tested version differs at one run.
type BacktestOutcome string

// The outcomes.
const (
	OutcomeSame    BacktestOutcome = "same"
	OutcomeMore    BacktestOutcome = "more"    // only the tested version runs
	OutcomeFewer   BacktestOutcome = "fewer"   // only the other runs
	OutcomeEarlier BacktestOutcome = "earlier" // both run, the tested version first
	OutcomeLater   BacktestOutcome = "later"
)

// BacktestRun is one run of the comparison: of the tested version, of the other, or
// of both. One of Run and Other may be nil.
type BacktestRun struct {
	ID             string // a UUIDv7, in the order in which they were found
	ConversationID conversation.ID

	With    With
	Outcome BacktestOutcome
	Run     *Run
	Other   *Run
	// SawLater says that the other, a live run, saw the conversation with what had
	// happened to it by the time that it was handled.
	SawLater bool
}

// ran is when the run happened as far as comparing goes: being late does not count.
func (r Run) ran() time.Time {
	if !r.DueAt.IsZero() {
		return r.DueAt
	}
	return r.CreatedAt
}

// alike reports whether two runs have the same cause: the same event, or a due time of
// the same episode.
func alike(a, b Run) bool {
	timed := a.Trigger == automation.TriggerTime
	if timed != (b.Trigger == automation.TriggerTime) {
		return false
	}
	if !timed {
		return a.Seq == b.Seq
	}
	return slices.ContainsFunc(a.Episodes, func(e string) bool { return slices.Contains(b.Episodes, e) })
}

// Compare compares the runs that were made on one conversation, each list in its
// order. Runs with the same cause belong together; what is left on both sides belongs
// together in its order. Skipped ones are no runs.
func Compare(with With, tested, other []Run) []BacktestRun {
	tested, other = made(tested), made(other)
	partner := make([]int, len(tested)) // in other, -1: none
	taken := make([]bool, len(other))
	for i := range tested {
		partner[i] = slices.IndexFunc(other, func(o Run) bool { return alike(tested[i], o) })
		if j := partner[i]; j >= 0 && !taken[j] {
			taken[j] = true
		} else {
			partner[i] = -1
		}
	}
	for i := range tested {
		if j := slices.Index(taken, false); partner[i] < 0 && j >= 0 {
			partner[i], taken[j] = j, true
		}
	}
	var out []BacktestRun
	for i := range tested {
		c := BacktestRun{With: with, Outcome: OutcomeMore, Run: &tested[i]}
		if partner[i] >= 0 {
			c.Other = &other[partner[i]]
			c.Outcome = outcome(tested[i], *c.Other)
		}
		out = append(out, c)
	}
	for j := range other {
		if !taken[j] {
			out = append(out, BacktestRun{With: with, Outcome: OutcomeFewer, Other: &other[j]})
		}
	}
	slices.SortStableFunc(out, func(a, b BacktestRun) int { return a.At().Compare(b.At()) })
	return out
}

func outcome(tested, other Run) BacktestOutcome {
	switch d := tested.ran().Compare(other.ran()); {
	case alike(tested, other) && (tested.Trigger != automation.TriggerTime || d == 0):
		return OutcomeSame // however late an event was handled
	case d < 0:
		return OutcomeEarlier
	case d > 0:
		return OutcomeLater
	default:
		return OutcomeSame
	}
}

func made(runs []Run) []Run {
	return slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return r.State != automation.RunDone && r.State != automation.RunFailed })
}

// At is when it happens: in the tested version if it does there.
func (r BacktestRun) At() time.Time {
	if r.Run != nil {
		return r.Run.ran()
	}
	return r.Other.ran()
}

// Sentence says the whole backtest in words.
func (b Backtest) Sentence() string {
	name := map[bool]string{true: "the draft", false: fmt.Sprintf("version %d", b.Version)}[b.Version == 0]
	text := fmt.Sprintf("%s would have run %d times on %d conversations", name, b.Runs, b.Looked)
	if b.State == BacktestRunning {
		text += " so far"
	}
	if b.Against > 0 {
		text += fmt.Sprintf("; beside version %d %s", b.Against, counted(b.Counts[WithVersion]))
	}
	return text + "; beside the runs that were made " + counted(b.Counts[WithLive])
}

func counted(n map[BacktestOutcome]int) string {
	return fmt.Sprintf("%d same, %d more, %d fewer, %d earlier, %d later",
		n[OutcomeSame], n[OutcomeMore], n[OutcomeFewer], n[OutcomeEarlier], n[OutcomeLater])
}
