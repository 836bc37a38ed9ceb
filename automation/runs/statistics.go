package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// MaxStatisticsDays is the most days that statistics are counted over.
const MaxStatisticsDays = 92

// DefaultStatisticsDays is over how many they are counted when nobody says.
const DefaultStatisticsDays = 30

// Days is a span of whole days of a mailbox, both ends included, as 2006-01-02.
// An empty To is today; an empty From is DefaultStatisticsDays before To.
type Days struct{ From, To string }

// Outcomes counts runs by their state.
type Outcomes map[automation.RunState]int

// Statistics are what the runs of some workflows came to.
type Statistics struct {
	Days     Days   // made explicit
	TimeZone string // whose days they are
	// ByDay has every day, those without runs too, in order.
	ByDay []DayStatistics
	// On and Watch are the sums of the days.
	On, Watch Outcomes
	// Conversations is how many were acted on: with runs that were done and not in
	// watch mode.
	Conversations int
	// LastRunID and LastErrorID are the newest run and the newest failed one of the
	// span that the caller sees; empty when there is none.
	LastRunID, LastErrorID      automation.RunID
	LastRunAt, LastErrorAt      time.Time
	LastErrorReason             string
	LastErrorConversationID     conversation.ID
	LastErrorDefinition         automation.DefinitionID
	Timed                       int // runs to which time led, done or failed
	MedianLateness, P95Lateness time.Duration
	// ByDefinition is filled for a mailbox only, in the order of the workflows.
	ByDefinition []DefinitionStatistics
}

// DayStatistics are those of one day.
type DayStatistics struct {
	Day       string // 2006-01-02
	On, Watch Outcomes
}

// DefinitionStatistics are the sums of one workflow.
type DefinitionStatistics struct {
	ID        automation.DefinitionID
	Name      string
	Mode      automation.Mode
	On, Watch Outcomes
	LastRunAt time.Time
}
