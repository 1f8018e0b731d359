package store

import "tidings.example/mailer"

// What each letter of an issue goes through, in one statement each. They name
// no cause, so that no trigger wakes: see 0014_members.sql. Each is true on its
// own, and changes nothing where it was written before.
const (
	acceptedText = `/* outbox.Chain accepted */ update deliveries set state = 'sent', due_at = 0, owner = '', lease_until = 0, reply = ?, updated_at = ?
		where id = ? and fence = ? and state = 'inflight' and cause = ''`

	intendedText = `/* outbox.Chain intended */ update deliveries set state = 'inflight', updated_at = ?, intent_at = iif(intent_at = 0, ?, intent_at), address = ?
		where id = ? and fence = ? and state = 'leased'
		and exists (select 1 from recipients r where r.subscriber = ? and r.digest = ? and r.address = ?)
		and not exists (select 1 from issues i where i.id = ? and i.cancelled_at is not null)`
)

// usual tells whether a step is like most: letters of an issue that were
// accepted, and the intent of another one.
func usual(s *mailer.Step) bool {
	if len(s.Reopen) > 0 || s.Window != mailer.WindowOpen || s.Next != nil && s.Next.Notice {
		return false
	}
	for i := range s.Results {
		if r := &s.Results[i]; r.State != mailer.Sent || r.Notice || r.Counted || r.Bounce != "" {
			return false
		}
	}
	return true
}

// chainQuickly writes a usual step. Where something is not as it was when the
// letter was claimed it is not done, and the step must be run the other way.
func chainQuickly(q *quick, s *mailer.Step) (g mailer.Grant, done bool, err error) {
	now := s.Now.UnixMilli()
	for i := range s.Results {
		r := &s.Results[i]
		if n, err := q.exec(acceptedText, r.Reply, now, r.ID, r.Fence); n == 0 || err != nil {
			return g, false, err
		}
	}
	l := s.Next
	if l == nil {
		return g, true, nil
	}
	n, err := q.exec(intendedText, now, now, l.To, l.ID, l.Fence, l.Subscriber, l.Digest, l.To, l.Issue)
	if n == 0 || err != nil {
		return g, false, err
	}
	g = mailer.Grant{Send: true, To: l.To, Date: l.Intent}
	if g.Date.IsZero() {
		g.Date = instant(now)
	}
	return g, true, nil
}
