package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// event is a row of the table: what happens to one issue, and what it may cost.
type event struct {
	name string
	mail string // more of [mail]
	// happen lets it happen while the issue goes out, and returns what tidings
	// says and how many extra copies there may be.
	happen func(t *trial, w *world) (says string, extras int, err error)
}

// events are the rows.
var events = []event{
	{"kill -9, five times", "", killedRow},
	{"kill -9, what is in doubt is kept", "in_doubt = \"hold\"", heldRow},
	{"SIGTERM", "", terminatedRow},
	{"SIGHUP, five times", "", reloadedRow},
	{"SIGSTOP for three seconds", "", stoppedRow},
	{"two instances", "", twiceRow},
	{"greylisting of every fifth", "", greyRow},
	{"server down at the start", "", downRow},
	{"server restarted under way", "", restartedRow},
	{"451 to one in fifty", "", laterRow},
	{"a lost 250 one in fifty", "", lostRow},
}

// table measures what each event costs the readers of one issue.
func table(t *trial) error {
	readers, connections := t.pick(5_000, 400), 8
	for n, e := range events {
		t.doing("%s", e.name)
		if err := t.row(fmt.Sprintf("row-%d", n), e, readers, connections); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// row makes one world for one event.
func (t *trial) row(dir string, e event, readers, connections int) error {
	w, err := t.world(dir, setup{readers: readers, connections: connections, mail: e.mail})
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.post(); err != nil {
		return err
	}
	says, most, err := e.happen(t, w)
	if err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	i, err := w.newest()
	if err != nil {
		return err
	}
	got := w.sink.tally(i.ID, w.audience(), w.ended)
	t.rows = append(t.rows, []string{e.name, fmt.Sprint(readers), fmt.Sprint(len(got.missing)), fmt.Sprint(got.twice), says})
	odd := slices.Concat(got.stray, got.unlike, got.strangers)
	value := fmt.Sprintf("%d never mailed, %d extras, %d unexplained; %s: %s", len(got.missing), got.extras, len(odd), i.states(), i.State)
	if len(odd) > 0 {
		value += ": " + few(odd)
	}
	t.check(len(got.missing)+len(odd) == 0 && got.extras <= most && i.States["sent"] == readers && i.State == "finished", e.name, value,
		fmt.Sprintf("0, at most %d, 0; %d sent: finished", most, readers))
	return nil
}

// after calls do once the sink took so many letters, before it answers. The
// sink takes its time, so that an issue goes out in some seconds.
func (w *world) after(letters int, do func()) <-chan struct{} {
	var taken atomic.Int64
	var once sync.Once
	done := make(chan struct{})
	pace := 16 * time.Second / time.Duration(w.readers)
	w.sink.play(func(at phase, _ *conn) answer {
		if at == phaseDot {
			return answer{wait: pace}
		}
		if at == phaseTaken && taken.Add(1) >= int64(letters) {
			once.Do(func() {
				do()
				close(done)
			})
		}
		return answer{}
	})
	return done
}

// happened waits for what after does.
func (w *world) happened(p *process, done <-chan struct{}) error {
	return w.until(p, "the event", func() (bool, error) {
		select {
		case <-done:
			return true, nil
		default:
			return false, nil
		}
	})
}

// told is the last line of a log that has a word; the whole last line without.
func told(log, word string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], word) {
			if _, text, ok := strings.Cut(lines[i], "level="); ok {
				return text
			}
			return lines[i]
		}
	}
	return "(nothing)"
}

func terminatedRow(t *trial, w *world) (string, int, error) {
	var begun time.Time
	var p *process
	known := make(chan struct{})
	done := w.after(w.readers/2, func() {
		<-known
		begun = time.Now()
		p.signal(syscall.SIGTERM)
	})
	var err error
	if p, err = w.start("serve"); err != nil {
		return "", 0, err
	}
	close(known)
	if err := w.happened(p, done); err != nil {
		return "", 0, err
	}
	if err := w.wait(p); err != nil {
		return "", 0, err
	}
	took := time.Since(begun)
	_, distinct := w.sink.counts()
	t.check(distinct < w.readers, "SIGTERM: readers without a letter when it ended", w.readers-distinct, "more than 0")
	t.check(took < 5*time.Second && p.code == 0, "SIGTERM: out", fmt.Sprintf("after %.1f s with code %d", took.Seconds(), p.code), "within 5 s with code 0")
	p, err = w.start("run")
	if err != nil {
		return "", 0, err
	}
	err = w.hurry(p)
	return fmt.Sprintf("ends with code 0 after %.1f s; the next run sends the rest", took.Seconds()), 0, err
}

// during starts the daemon, does something at several points of the issue, and
// waits until everybody has the letter.
func (w *world) during(times int, do func(p *process) error) (*process, error) {
	p, err := w.start("serve")
	if err != nil {
		return nil, err
	}
	for n := range times {
		done := w.after(max(1, w.readers/(times+2)), func() {})
		if err := w.happened(p, done); err != nil {
			return nil, fmt.Errorf("time %d: %w", n+1, err)
		}
		if err := do(p); err != nil {
			return nil, err
		}
	}
	w.sink.play(nil)
	if err := w.sent(p, w.readers); err != nil {
		return nil, err
	}
	_, err = w.stop(p)
	return p, err
}

func reloadedRow(t *trial, w *world) (string, int, error) {
	n := 0
	p, err := w.during(5, func(p *process) error {
		n++
		p.signal(syscall.SIGHUP)
		return w.until(p, "the reload", func() (bool, error) {
			return strings.Count(p.said(), "the new configuration is in force") == n, nil
		})
	})
	if err != nil {
		return "", 0, err
	}
	return told(p.said(), "in force"), 0, nil
}

func stoppedRow(t *trial, w *world) (string, int, error) {
	_, err := w.during(1, func(p *process) error {
		p.signal(syscall.SIGSTOP)
		time.Sleep(3 * time.Second)
		p.signal(syscall.SIGCONT)
		return nil
	})
	return "nothing: it goes on", 0, err
}

func twiceRow(t *trial, w *world) (string, int, error) {
	says := ""
	_, err := w.during(1, func(*process) error {
		for _, command := range []string{"serve", "run"} {
			o, err := w.do(command)
			if err != nil {
				return err
			}
			says = lastLine(o.err)
			t.check(o.code == 11 && strings.Contains(says, "in use by"), "two instances: a second "+command, fmt.Sprintf("code %d: %s", o.code, says), "code 11 and who it is")
		}
		return nil
	})
	return says, 0, err
}

// grey answers the first RCPT of every fifth reader with a 450.
func greyRow(t *trial, w *world) (string, int, error) {
	var mu sync.Mutex
	seen := map[string]bool{}
	put := 0
	grey := map[string]bool{}
	for n := 0; n < w.readers; n += 5 {
		grey[reader(n)] = true
	}
	w.sink.play(func(at phase, c *conn) answer {
		mu.Lock()
		defer mu.Unlock()
		if at != phaseRcpt || !grey[c.to] || seen[c.to] {
			return answer{}
		}
		seen[c.to] = true
		put++
		return answer{reply: "450 4.7.1 greylisted, come back in five minutes"}
	})
	p, err := w.start("run")
	if err != nil {
		return "", 0, err
	}
	if err := w.wait(p); err != nil {
		return "", 0, err
	}
	s, err := w.standing()
	if err != nil {
		return "", 0, err
	}
	t.check(put == len(grey) && s.Queue["deferred"] == put, "greylisting: letters that were put off", s.Queue["deferred"], fmt.Sprint(len(grey)))
	return fmt.Sprintf("status: %d deferred; run ends with code %d, the next one after five minutes sends them", s.Queue["deferred"], p.code), 0, nil
}

func downRow(t *trial, w *world) (string, int, error) {
	w.sink.down()
	p, err := w.start("serve")
	if err != nil {
		return "", 0, err
	}
	says := ""
	if err := w.until(p, "a line of the log", func() (bool, error) {
		says = told(p.said(), "no connection")
		return says != "(nothing)", nil
	}); err != nil {
		return "", 0, err
	}
	if err := w.sink.up(); err != nil {
		return "", 0, err
	}
	if err := w.sent(p, w.readers); err != nil {
		return "", 0, err
	}
	_, err = w.stop(p)
	return says, 0, err
}

func restartedRow(t *trial, w *world) (string, int, error) {
	open := 0
	p, err := w.during(1, func(p *process) error {
		open = w.sink.open()
		w.sink.down()
		if err := w.until(p, "a line of the log", func() (bool, error) { return strings.Contains(p.said(), "no connection"), nil }); err != nil {
			return err
		}
		return w.sink.up()
	})
	if err != nil {
		return "", 0, err
	}
	return told(p.said(), "no connection"), open, nil
}

func laterRow(t *trial, w *world) (string, int, error) {
	var asked, refused atomic.Int64
	w.sink.play(func(at phase, _ *conn) answer {
		if at == phaseRcpt && asked.Add(1)%50 == 0 {
			refused.Add(1)
			return answer{reply: "451 4.3.0 not now"}
		}
		return answer{}
	})
	p, err := w.start("run")
	if err != nil {
		return "", 0, err
	}
	err = w.hurry(p)
	t.check(refused.Load() >= int64(w.readers/50), "451: refused", refused.Load(), fmt.Sprintf("at least %d", w.readers/50))
	return fmt.Sprintf("%d letters were deferred and came five minutes later", refused.Load()), 0, err
}

func lostRow(t *trial, w *world) (string, int, error) {
	var letters, lost atomic.Int64
	w.sink.play(func(at phase, _ *conn) answer {
		if at == phaseDot && letters.Add(1)%50 == 0 {
			lost.Add(1)
			return answer{lose: true}
		}
		return answer{}
	})
	p, err := w.start("run")
	if err != nil {
		return "", 0, err
	}
	if err := w.hurry(p); err != nil {
		return "", 0, err
	}
	n := int(lost.Load())
	t.check(n >= w.readers/50, "lost 250: answers that were lost", n, fmt.Sprintf("at least %d", w.readers/50))
	return "in doubt: no answer after the final dot", n, nil
}
