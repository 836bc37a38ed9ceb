package automation

import (
	"maps"
	"slices"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Set is the workflows of a mailbox, in their order, ready to say which of them
// an event may make run. Most workflows look for words that most conversations
// do not have: an index over those words finds the few that are worth a look, so
// that a message costs little more with a thousand workflows than with a hundred.
//
// It is never changed, and may be used by many goroutines.
type Set struct {
	size     int
	few      int                              // for how many workflows an index does not pay
	listens  map[conversation.Kind]match.Bits // the workflows that a kind of event makes candidates
	first    match.Bits                       // and those that a first message does: all automatic ones
	unknown  match.Bits                       // those of which no program is there: always worth a look
	clueless match.Bits                       // those that hold without any clue
	places   []place
	words    []*wordIndex
}

// place is where texts are looked at, with the index over what is looked for there.
type place struct {
	texts func(*Prepared) ([]*match.Text, bool)
	index *match.Place
}

// fewIndexed is for how many workflows an index does not pay: they are all
// looked at.
const fewIndexed = 24

// NewSet makes a set of the workflows of a mailbox in their order. A nil program
// is one that the caller has to look at whatever happens.
func NewSet(programs []*Program) *Set { return newSet(programs, fewIndexed) }

func newSet(programs []*Program, few int) *Set {
	s := &Set{size: len(programs), few: few, listens: map[conversation.Kind]match.Bits{}}
	s.first, s.unknown, s.clueless = match.NewBits(s.size), match.NewBits(s.size), match.NewBits(s.size)
	in := map[string]map[string][]int32{} // field, word, workflows
	for i, p := range programs {
		if p == nil {
			s.unknown.Add(i)
			continue
		}
		if p.definition.Type != TypeAutomatic {
			continue
		}
		s.first.Add(i)
		for kind := range p.listens {
			if s.listens[kind] == nil {
				s.listens[kind] = match.NewBits(s.size)
			}
			s.listens[kind].Add(i)
		}
		clues := p.clues()
		if len(clues) == 0 || len(programs) < few {
			s.clueless.Add(i)
			continue
		}
		for _, k := range clues {
			if in[k.field] == nil {
				in[k.field] = map[string][]int32{}
			}
			for _, word := range k.any {
				if places[k.field] != nil {
					word = word[:min(len(word), maxClueBytes)]
				}
				in[k.field][word] = append(in[k.field][word], int32(i))
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(in)) {
		if texts := places[field]; texts != nil {
			s.places = append(s.places, place{texts, match.NewPlace(s.size, in[field])})
		} else {
			s.words = append(s.words, newWordIndex(s.size, wordsOf[field], in[field]))
		}
	}
	return s
}

// Candidates are workflows of a set by their numbers in it.
type Candidates struct{ bits match.Bits }

// Next returns the first candidate from i on, -1 when there is none.
func (c Candidates) Next(i int) int { return c.bits.Next(i) }

// Candidates returns the workflows that are worth a look: all that listen to the
// event and whose conditions hold, and some that do not. What the earlier ones
// change may bring others in: ask again with the facts as they are then. Texts
// that did not change are not searched again.
func (s *Set) Candidates(e conversation.Event, p *Prepared) Candidates {
	may := match.NewBits(s.size)
	if listening := s.listening(e); listening != nil {
		may.Or(s.clueless)
		for _, w := range s.words {
			for _, word := range w.words(p) {
				may.Or(w.of[word])
			}
		}
		for _, place := range s.places {
			if texts, known := place.texts(p); known && place.index.Members.Common(listening) >= s.few {
				place.index.Find(texts, may)
			} else {
				may.Or(place.index.Members)
			}
		}
		may.And(listening)
	}
	may.Or(s.unknown)
	return Candidates{may}
}

// AllCandidates returns all of so many workflows.
func AllCandidates(size int) Candidates {
	all := match.NewBits(size)
	for i := range size {
		all.Add(i)
	}
	return Candidates{all}
}

// listening returns the workflows that Listens to the event, nil when there are
// none.
func (s *Set) listening(e conversation.Event) match.Bits {
	switch {
	case e.Cause.Depth >= conversation.MaxDepth:
		return nil
	case e.First:
		return s.first
	default:
		return s.listens[e.Kind]
	}
}

// wordIndex is the index over the words of one field.
type wordIndex struct {
	words func(*Prepared) []string
	of    map[string]match.Bits
}

func newWordIndex(size int, words func(*Prepared) []string, in map[string][]int32) *wordIndex {
	x := &wordIndex{words: words, of: make(map[string]match.Bits, len(in))}
	for word, members := range in {
		x.of[word] = match.NewBits(size)
		for _, i := range members {
			x.of[word].Add(int(i))
		}
	}
	return x
}
