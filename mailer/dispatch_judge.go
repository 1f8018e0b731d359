package mailer

import "time"

const (
	// windowSize letters make a window; over a fifth of hard bounces in it, and
	// more than bouncesAllowed, say more about us than about the readers.
	windowSize     = 50
	bouncesAllowed = 3
	// policySize letters are watched for refusals; policyLimit of them stop.
	policySize  = 10
	policyLimit = 3
	// poisonLimit letters that cannot be sent, with none that could, stop.
	poisonLimit = 3
	// lifetime is how long a deferred letter is tried.
	lifetime = 3 * 24 * time.Hour
	// aside is how long a letter waits whose recipient's server wants less, or
	// whose connection broke under it: others go first.
	aside = 30 * time.Second
)

// ladder is the wait after each deferral; the last step repeats.
var ladder = [...]time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// judge remembers what the last letters came to. The flow's lock guards it.
type judge struct {
	accepted int
	recent   []mark // of policySize
	poisoned []LetterRef
	outcomes int // in the open window
	hard     int
	stale    bool // bounces of an earlier run may wait for a verdict
	// Bounces are believed once the window after theirs is sane, too: a server
	// that begins to know nobody does so in the middle of a window. held is for
	// how many more windows there are some to believe: the last bounce of one is
	// written down when the next has begun.
	held  int
	began time.Time // when the open window did
}

// mark is one of the last letters.
type mark struct {
	ref    LetterRef
	failed bool
}

func (j *judge) push(ref LetterRef, failed bool) {
	if len(j.recent) == policySize {
		j.recent = j.recent[:copy(j.recent, j.recent[1:])]
	}
	j.recent = append(j.recent, mark{ref, failed})
}

// failed lists the watched letters that were refused.
func (j *judge) failed() (refs []LetterRef) {
	for _, m := range j.recent {
		if m.failed {
			refs = append(refs, m.ref)
		}
	}
	return refs
}

// rotten tells whether the window blames us. A server that knows none of
// several readers is wrong, however few they are.
func (j *judge) rotten() bool {
	return j.hard > bouncesAllowed && 5*j.hard > j.outcomes || j.hard > 1 && j.hard == j.outcomes && j.accepted == 0
}

// over tells whether the window can be judged: it is full, or it cannot become
// sane any more.
func (j *judge) over() bool { return j.outcomes >= windowSize || 5*j.hard > windowSize }

// attempt is what was tried.
type attempt struct {
	letter Letter
	to     string
	date   time.Time // of the first intent
	reply  Reply
	served int // letters that the connection took before
	took   time.Duration
	trial  bool
	hold   bool
}

// used tells whether the server takes no more letters on a connection that took
// some: it says so by a 421 or by what it answers to the next MAIL.
func (a attempt) used(class Class) bool {
	return class == Throttled && a.served > 0 && (a.reply.Code == 421 || a.reply.Phase == PhaseMail)
}

// effect is what an attempt means for the ledger and for the run.
type effect struct {
	result Result
	reopen []LetterRef
	window Verdict
	// believe is which bounces a sane window proves: those before it.
	believe time.Time
	// hangUp: the connection is used up.
	hangUp bool
	alarm  *Alarm
}

// outcome turns an attempt into its effects.
func (f *flow) outcome(now time.Time, a attempt) effect {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.pressure()
	class := a.reply.Class()
	e := effect{result: Result{LetterRef: a.letter.LetterRef, State: Queued, Due: now, Cause: class.String(), Reply: clip(a.reply.String()), Address: a.to}}
	f.puts.note(now, class, a)
	if f.quick = (time.Time{}); a.reply.Code != 0 && a.took < brisk {
		f.quick = now
	}
	e.hangUp = a.used(class)
	if f.its(class, a) {
		f.own(now, class, a, &e.result)
		f.trial = f.trial && !a.trial
	} else {
		e.alarm = f.blame(now, class, a, &e)
	}
	if f.pressure() != before {
		f.signal()
	}
	return e
}

// blame lets an attempt change the run, and decides what becomes of the letter.
func (f *flow) blame(now time.Time, class Class, a attempt, e *effect) (alarm *Alarm) {
	f.pace(now, class, a)
	if a.trial {
		alarm = f.tried(now, class, a.reply)
		f.trial = false
	}
	if said := f.charge(now, class, a, e); said != nil {
		alarm = said
	}
	switch {
	case class == Accepted:
		f.took = now
	case unclear(class, a.reply):
		f.took = time.Time{}
	}
	return alarm
}

// pace lets the attempt change the speed.
func (f *flow) pace(now time.Time, class Class, a attempt) {
	fresh := a.served == 0
	switch {
	case class == Accepted:
		f.meter.add(now)
		f.found()
		f.faster(now)
	case class == NotSent || class == Ambiguous:
		// A connection that took letters before may end at any time.
		if fresh || a.trial {
			f.lost(now, a.reply.String())
		}
	case a.used(class):
		// So many letters and no more on one connection.
	case class == Throttled:
		f.found()
		f.slower(now, a.reply)
	case a.reply.Code != 0:
		f.found()
	}
}

// tried says what the outcome of a risked letter means for a stopped run.
func (f *flow) tried(now time.Time, class Class, r Reply) *Alarm {
	s := f.stop
	if s == nil {
		return nil
	}
	answered := r.Phase >= PhaseRcpt && r.Code != 0 && class != Policy && class != Throttled
	if class == Accepted || s.kind == stopSetup && answered {
		return f.resume(now)
	}
	s.tries++
	s.next = now.Add(probes[min(s.tries, len(probes)-1)])
	if class == Policy {
		return f.because(now, stopPolicy, clip(r.String()))
	}
	return nil
}

// charge decides what becomes of the letter.
func (f *flow) charge(now time.Time, class Class, a attempt, e *effect) *Alarm {
	r, j := &e.result, &f.judge
	switch class {
	case Accepted:
		r.State, r.Due = Sent, time.Time{}
		j.accepted++
		j.push(r.LetterRef, false)
		return f.count(now, a, false, e)
	case NotSent:
		f.hungUp(now, a, r)
	case Throttled:
		switch {
		case a.used(class) || a.reply.Code == 421:
			f.hungUp(now, a, r)
		case a.reply.Phase >= PhaseRcpt:
			r.Due = now.Add(aside)
		}
	case Ambiguous:
		r.Counted, r.Doubt, r.Cause = true, true, "in doubt: no answer after the final dot"
		if a.hold {
			r.State = Unknown
		} else if a.letter.Attempts > 0 {
			// A server that swallows every answer must not get a copy a second.
			f.postpone(now, a, r, Queued)
		}
	case Postponed:
		f.postpone(now, a, r, Deferred)
	case SoftBounce:
		f.postpone(now, a, r, Deferred)
		r.Bounce = BounceSoft
	case StopRun:
		return f.halt(now, stopSetup, r.Reply)
	case Poison:
		return f.poison(now, a, e)
	case Policy, Rejected:
		return f.refuse(now, class, a, e)
	case HardBounce, BareBounce:
		return f.bounced(now, class, a, e)
	}
	return nil
}

// postpone puts the letter on the next step of the ladder, or ends it.
func (f *flow) postpone(now time.Time, a attempt, r *Result, state DeliveryState) {
	r.Counted = true
	if a.spent(now) {
		r.lapse()
		return
	}
	r.State, r.Due = state, now.Add(ladder[min(a.letter.Attempts, len(ladder)-1)])
}

// refuse fails the letter, unless the server refuses us: at the first letter,
// or at three of the last ten, which are all queued again.
func (f *flow) refuse(now time.Time, class Class, a attempt, e *effect) *Alarm {
	j := &f.judge
	if f.stop != nil {
		f.setAside(now, a, &e.result)
		return nil
	}
	before := j.failed()
	if class == Policy && j.accepted == 0 || len(before)+1 >= policyLimit {
		e.reopen = before
		j.recent = nil
		f.setAside(now, a, &e.result)
		return f.halt(now, stopPolicy, e.result.Reply)
	}
	j.push(a.letter.LetterRef, true)
	e.result.State, e.result.Due = Failed, time.Time{}
	return f.count(now, a, false, e)
}

// poison fails the letter; if all so far are like it, they wait for a person.
func (f *flow) poison(now time.Time, a attempt, e *effect) *Alarm {
	j := &f.judge
	if j.accepted == 0 && f.stop == nil {
		if len(j.poisoned)+1 >= poisonLimit {
			e.reopen, j.poisoned = j.poisoned, nil
			f.setAside(now, a, &e.result)
			return f.halt(now, stopPolicy, e.result.Reply)
		}
		j.poisoned = append(j.poisoned, a.letter.LetterRef)
	}
	if f.stop != nil {
		f.setAside(now, a, &e.result)
		return nil
	}
	e.result.State, e.result.Due = Failed, time.Time{}
	return nil
}

// bounced notes a mailbox that does not exist; the window decides later
// whether to believe it. While the run is stopped nobody is charged.
func (f *flow) bounced(now time.Time, class Class, a attempt, e *effect) *Alarm {
	if f.stop != nil {
		f.setAside(now, a, &e.result)
		return nil
	}
	e.result.State, e.result.Due = Refused, time.Time{}
	e.result.Bounce = BounceHard
	if class == BareBounce {
		e.result.Bounce = BounceBare
	}
	f.judge.push(a.letter.LetterRef, false)
	return f.count(now, a, true, e)
}
