package mailer

import "time"

// Some failures may be the server's fault or the letter's: a policy that refuses
// all of us or one reader, a connection that ends. The first such letter is a
// suspect. It is put aside, so that others show what the server thinks of us; if
// they are taken and it fails again, it is to blame and holds nobody up.

const (
	// apart is how long after a suspect's failure another letter must have been
	// taken to count: a fault that begins meets some connections later than others.
	apart = 10 * time.Second
	// suspectRung is the longest wait of the ladder for a suspect that nothing
	// is proven of: as long as that between two probes of a server.
	suspectRung = 2
)

// unclear tells whether the letter may have caused the failure, or the server.
func unclear(class Class, r Reply) bool {
	switch class {
	case NotSent, Policy, Poison, Rejected:
		return true
	case Throttled:
		return r.Code == 421
	}
	return false
}

// its tells whether the letter is to blame: it failed before, and the server has
// taken others since.
func (f *flow) its(class Class, a attempt) bool {
	return unclear(class, a.reply) && f.stop == nil && !a.letter.Suspect.IsZero() && f.took.Sub(a.letter.Suspect) >= apart
}

// own ends an attempt whose letter is to blame.
func (f *flow) own(now time.Time, class Class, a attempt, r *Result) {
	r.Suspect = true
	if class == NotSent || class == Throttled {
		f.postpone(now, a, r, Deferred)
		return
	}
	r.State, r.Due = Failed, time.Time{}
}

// setAside lets other letters go first. One that fails again is tried less
// often, and not for ever.
func (f *flow) setAside(now time.Time, a attempt, r *Result) {
	r.Suspect, r.Due = true, now.Add(aside)
	if a.letter.Suspect.IsZero() {
		return
	}
	r.Counted = true
	if r.Due = now.Add(ladder[min(a.letter.Attempts, suspectRung)]); a.spent(now) {
		r.lapse()
	}
}

// hungUp is a connection that ended under a letter. One that took letters before
// may end at any time: the letter is tried again at once. Then it has a
// connection of its own, and this proves something.
func (f *flow) hungUp(now time.Time, a attempt, r *Result) {
	f.setAside(now, a, r)
	if a.served > 0 && !a.trial && a.letter.Suspect.IsZero() && a.reply.Phase < PhaseData {
		r.Due = now
	}
}

// spent tells whether the letter was tried for three days. A clock that runs
// ahead, or a machine that was off, is no attempt.
func (a attempt) spent(now time.Time) bool {
	return a.letter.Attempts >= len(ladder) && now.Sub(a.date) >= lifetime
}

// lapse ends a letter that was tried for long enough.
func (r *Result) lapse() {
	r.State, r.Due, r.Cause = Lapsed, time.Time{}, "tried for three days: "+r.Cause
}
