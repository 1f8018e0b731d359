package mailer

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// A line of the log comes again after tellAgain at the earliest. Where it
	// goes on coming it comes ever more seldom, at last every tellSeldom.
	tellAgain  = time.Minute
	tellSeldom = time.Hour
	// longLane is how far ahead the letters to a domain must wait to be told of;
	// less is how letters are spread.
	longLane = 5 * time.Second
)

// teller keeps a server that comes and goes from flooding the log. It holds a
// line for each thing that may be said of a server, and none of a letter.
type teller struct {
	log   *slog.Logger
	mu    sync.Mutex
	lines map[string]*said
}

// said is when a line was written last, and how long it is not written again.
type said struct {
	at    time.Time
	pause time.Duration
}

func newTeller(log *slog.Logger) *teller { return &teller{log: log, lines: map[string]*said{}} }

// say writes a line about a server, unless it wrote the same one just now.
func (t *teller) say(now time.Time, level slog.Level, server, line string, args ...any) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := server + "\n" + line
	s := t.lines[key]
	if s == nil {
		s = &said{}
		t.lines[key] = s
	}
	switch since := now.Sub(s.at).Abs(); { // the clock may be set back
	case since < s.pause:
		return false
	case since >= 2*s.pause:
		s.pause = tellAgain
	default:
		s.pause = min(2*s.pause, tellSeldom)
	}
	s.at = now
	t.log.Log(context.Background(), level, line, args...)
	return true
}

// mood is how a server stands, as far as the log is concerned.
type mood int

const (
	moodUntried mood = iota
	moodTakes
	moodStopped // it is announced as it happens
	moodAway
	moodLimited
	moodSlow
	moodPutsOff
)

// news are what the log knows of a server.
type news struct {
	mood mood
	was  string // the reason that was told
	// lanes: letters to some domains wait.
	lanes bool
}

// tell logs what of the servers changed since it was told. It is called by one
// goroutine at a time. What comes too often to be told is looked at again: the
// last line that was written is true before long.
func (d *Dispatcher) tell(now time.Time, servers []ServerStatus) {
	for i := range servers {
		s, t := d.servers[i], &servers[i]
		if t.mood != s.news.mood && d.tellMood(now, s, t) {
			s.news.mood, s.news.was = t.mood, t.Reason
		}
		d.tellLanes(now, s, t)
	}
}

// tellMood says that a server stands in another way now; false is not yet.
func (d *Dispatcher) tellMood(now time.Time, s *server, t *ServerStatus) bool {
	say := func(level slog.Level, line string, args ...any) bool {
		return d.teller.say(now, level, s.Name, line, args...)
	}
	reason := s.says(t.Reason)
	switch t.mood {
	case moodAway:
		return say(slog.LevelWarn, "no connection", "reply", reason, "next", t.Next)
	case moodLimited:
		if s.news.mood == moodAway { // it is back: that comes first
			if say(slog.LevelInfo, again(moodAway), "was", s.says(s.news.was)) {
				s.news = news{mood: moodTakes, lanes: s.news.lanes}
			}
			return false
		}
		// Nobody waits where there is nothing to send.
		return d.out.Load() > 0 && say(slog.LevelInfo, "sending waits for a limit", "reason", reason, "until", t.Next)
	case moodSlow:
		return say(slog.LevelInfo, "sending is slowed down", "reason", reason)
	case moodPutsOff:
		return say(slog.LevelWarn, "the server takes no letter", "reason", reason)
	case moodTakes:
		return s.news.mood == moodUntried || s.news.mood == moodStopped || say(slog.LevelInfo, again(s.news.mood), "was", s.says(s.news.was))
	}
	return true
}

// again is what is over after a mood.
func again(m mood) string {
	if m == moodLimited || m == moodSlow {
		return "sending goes on"
	}
	return "the server takes letters again"
}

// tellLanes says that letters to some recipients' domains begin to wait, or
// that none do any more, however many domains there are.
func (d *Dispatcher) tellLanes(now time.Time, s *server, t *ServerStatus) {
	switch {
	case len(t.Domains) == 0:
		if s.news.lanes && d.teller.say(now, slog.LevelInfo, s.Name, "letters to all domains go again") {
			s.news.lanes = false
		}
	case !s.news.lanes && t.Domains[0].Until.Sub(now) >= longLane:
		var names []string
		for _, one := range t.Domains {
			names = append(names, one.Domain)
		}
		s.news.lanes = d.teller.say(now, slog.LevelInfo, s.Name, "letters to some domains wait for a limit", "domains", strings.Join(names, " "),
			"reason", s.says(t.Domains[0].Reason), "until", t.Domains[0].Until)
	}
}

// tellWait says that all letters that are left wait for a later time, and what
// put off the last of them.
func (d *Dispatcher) tellWait(now, due time.Time) {
	if d.waiting || due.Sub(now) <= horizon {
		return
	}
	args := []any{"next", due}
	for _, s := range d.servers {
		s.flow.mu.Lock()
		why := s.flow.puts.said
		s.flow.mu.Unlock()
		if why != "" {
			args = append(args, "reply", s.says(why))
		}
	}
	d.waiting = d.teller.say(now, slog.LevelInfo, "", "letters wait for a later time", args...)
}
