package activities

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

// together is how long the end of a webhook's attempt may wait to be written with
// others. A mail's never waits: sending it again cannot be told from a second mail.
const together = 50 * time.Millisecond

// Attempt makes the first attempts of deliveries that Advance has just begun in this
// process, and returns what became of each within a second and a half. What takes longer
// continues by itself and is said to be waiting, as is what this process knows nothing of:
// whoever asks lets them go the regular way, which finds them held, ended or free. It is
// safe to repeat: each first attempt is made at most once.
//
// Errors: the database is away; nothing was attempted.
func (a *Activities) Attempt(ctx context.Context, in AttemptInput) (Attempted, error) {
	f := &firsts{Activities: a, ctx: context.WithoutCancel(ctx), out: map[string]Delivered{}, ends: make(chan end)}
	if err := f.load(in.Deliveries); err != nil {
		return Attempted{}, verdict(err)
	}
	done := f.start()
	budget := time.NewTimer(a.cfg.FirstBudget)
	defer budget.Stop()
	select {
	case <-done:
	case <-budget.C:
	}
	a.cfg.Crash("first-attempts-made")
	return f.answer(in.Deliveries), nil
}

const (
	// maxBegun bounds the deliveries that one call of Advance begins, maxMails the mails
	// among them: they go one after the other, and a workflow task waits.
	maxBegun = 16
	maxMails = 3
)

// begin begins the first attempts of what is about to be written: it is held from its
// first moment, and nobody else takes it. A mail that has to wait for another is not
// begun; those that follow one that is are taken in their turn.
func (x *advance) begin() {
	hooks, mails := 0, 0
	inOrder := slices.IsSortedFunc(x.out, func(a, b delivery.Delivery) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.ID, b.ID))
	})
	if !inOrder || slices.ContainsFunc(x.waiting, func(d delivery.Delivery) bool { return d.Kind.IsMail() }) {
		mails = maxMails
	}
	if len(x.waiting) > maxBegun { // the answer might not name what is begun
		return
	}
	now := time.Now()
	for i := range x.out {
		d := &x.out[i]
		n, most, hold := &hooks, maxBegun-maxMails, webhookHold
		if d.Kind.IsMail() {
			n, most, hold = &mails, maxMails, mailHold
		}
		switch {
		case *n >= most || d.State != delivery.StateWaiting || d.NextAt.After(x.now):
			continue
		case d.Kind.IsMail() && mails > 0:
			x.first.follow(*d, now, hold)
		case x.first.promise(*d, now, hold):
			d.Attempts, d.FirstAt, d.HeldUntil = 1, x.now, x.now.Add(hold)
		case d.Kind.IsMail():
			mails = maxMails
			continue
		default:
			continue
		}
		*n++
		x.promises = append(x.promises, DeliveryWaiting{ID: string(d.ID), Kind: string(d.Kind)})
	}
}

// unbegin forgets what was begun: it was not written.
func (x *advance) unbegin() {
	if x != nil {
		x.first.drop(x.promises)
	}
}

// AwaitAttempts returns when no first attempt is under way any longer, or when ctx is done.
// It is for a worker that stops.
func (a *Activities) AwaitAttempts(ctx context.Context) {
	done := make(chan struct{})
	go func() { a.first.ending.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// firsts are the first attempts of one call.
type firsts struct {
	*Activities
	ctx   context.Context // of no deadline: an attempt is never cut
	begun []delivery.Taken
	hooks []delivery.Taken // those of begun that are webhooks
	mails []mailTurn       // one after the other
	slots []func()         // to give them back
	ends  chan end

	mu   sync.Mutex
	late bool                 // nobody waits any longer
	out  map[string]Delivered // what is written
}

// mailTurn is a mail to be sent: taken already, or to be taken when its turn comes.
type mailTurn struct {
	id    delivery.ID
	taken delivery.Taken
}

// end is what came of one attempt; written is closed when it is kept.
type end struct {
	taken   delivery.Taken
	ended   delivery.Ended
	written chan struct{}
}

func (e end) isMail() bool { return e.taken.Delivery.Kind.IsMail() }

// load claims what was promised, and reads what was begun.
func (f *firsts) load(list []DeliveryWaiting) error {
	var ids []delivery.ID
	for _, d := range list {
		id, kind := delivery.ID(d.ID), delivery.Kind(d.Kind)
		p, ok := f.first.claim(id)
		if !ok {
			continue
		}
		f.slots = append(f.slots, func() { f.first.release(kind, p) })
		if p.begun {
			ids = append(ids, id)
		} else if kind.IsMail() {
			f.mails = append(f.mails, mailTurn{id: id})
		}
	}
	if len(ids) == 0 {
		f.mails = nil
		return nil
	}
	var err error
	if f.begun, err = f.cfg.Deliveries.Begun(f.ctx, ids); err != nil {
		f.giveBack()
		return err
	}
	var mails []mailTurn
	for _, t := range f.begun {
		if t.Delivery.Kind.IsMail() {
			mails = append(mails, mailTurn{t.Delivery.ID, t})
		} else {
			f.hooks = append(f.hooks, t)
		}
	}
	if len(mails) == 0 {
		f.mails = nil // whose turn it was is somebody else's now
	}
	f.mails = append(mails, f.mails...)
	return nil
}

func (f *firsts) giveBack() {
	for _, release := range f.slots {
		release()
	}
	f.slots = nil
}

// start makes the attempts and writes their ends. done is closed after the last; the
// slots are given back then, or as soon as nobody waits any longer.
func (f *firsts) start() (done chan struct{}) {
	var makers sync.WaitGroup
	for _, t := range f.hooks {
		makers.Go(func() { f.try(t) })
	}
	if len(f.mails) > 0 {
		makers.Go(f.sendMails)
	}
	go func() { makers.Wait(); close(f.ends) }()
	done = make(chan struct{})
	f.first.ending.Go(func() {
		f.write()
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.late {
			f.first.goLate(-1)
		}
		f.giveBack()
		close(done)
	})
	return done
}

// sendMails sends one mail after the other, while somebody waits.
func (f *firsts) sendMails() {
	for _, m := range f.mails {
		if !m.taken.OK {
			taken, err := f.cfg.Deliveries.Take(f.ctx, m.id, mailHold)
			if err != nil || !taken.OK {
				return
			}
			m.taken = taken
		}
		if ended := f.try(m.taken); !ended.State.Final() || f.isLate() {
			return
		}
	}
}

// try makes an attempt and returns when its end is written.
func (f *firsts) try(t delivery.Taken) delivery.Ended {
	f.cfg.Crash("delivery-taken")
	if t.Delivery.Kind.IsMail() {
		defer f.keepHold(f.ctx, t.Delivery)()
	}
	result := f.attempt(f.ctx, t)
	f.cfg.Crash("delivery-attempted")
	state, pause := next(t, result, false)
	e := end{t, delivery.Ended{ID: t.Delivery.ID, Attempt: t.Delivery.Attempts, Result: result, State: state, Pause: pause},
		make(chan struct{})}
	f.ends <- e
	<-e.written
	return e.ended
}

// write writes the ends, several in one statement where they come at about the same
// time.
func (f *firsts) write() {
	left := len(f.hooks) + len(f.mails)
	for e := range f.ends {
		list := []end{e}
		wait := time.NewTimer(together)
		for more := !e.isMail(); more && len(list) < left; {
			select {
			case next, ok := <-f.ends:
				if more = ok && !next.isMail(); ok {
					list = append(list, next)
				}
			case <-wait.C:
				more = false
			}
		}
		wait.Stop()
		left -= len(list)
		f.keep(list)
	}
}

func (f *firsts) keep(list []end) {
	ended := make([]delivery.Ended, len(list))
	for i, e := range list {
		ended[i] = e.ended
	}
	ctx, cancel := context.WithTimeout(f.ctx, recordFor)
	err := f.finish(ctx, ended...)
	cancel()
	if err != nil {
		f.cfg.Logger.ErrorContext(f.ctx, "the ends of attempts could not be written", "error", err)
	}
	f.mu.Lock()
	for _, e := range list {
		d := e.taken.Delivery
		if d.State = e.ended.State; err == nil {
			f.out[string(d.ID)] = delivered(d, e.ended.Result.Code)
		}
		close(e.written)
	}
	f.mu.Unlock()
}

func (f *firsts) isLate() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.late
}

// answer says what became of each so far. Nobody waits for the rest from now on.
func (f *firsts) answer(list []DeliveryWaiting) Attempted {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.slots) > 0 { // some are still under way
		f.late = true
		f.first.goLate(1)
		f.giveBack()
		for _, t := range f.begun {
			if _, ended := f.out[string(t.Delivery.ID)]; !ended {
				f.first.outlasts(t.Delivery, time.Now())
			}
		}
	}
	var out Attempted
	for _, d := range list {
		became, ok := f.out[d.ID]
		if !ok {
			became = Delivered{DeliveryID: d.ID, Kind: d.Kind, State: string(delivery.StateWaiting)}
		}
		out.Deliveries = append(out.Deliveries, became)
	}
	return out
}
