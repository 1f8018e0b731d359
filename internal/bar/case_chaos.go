package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// disorder is one run of random faults.
type disorder struct {
	t       *trial
	w       *world
	m       *model
	moods   *moods
	leaver  *leaver
	dice    *rand.Rand
	p       *process
	done    map[string]int // deeds by name
	crashes []string
	late    int // readers that came later
}

// deed is something that happens to machine, people or blog.
type deed struct {
	name   string
	weight int
	do     func(*disorder) error
}

// deeds are what may happen, and how often.
var deeds = []deed{
	{"a new article", 24, (*disorder).write},
	{"the clock six minutes ahead", 14, func(d *disorder) error { return d.w.setClock(d.w.ahead + 6*time.Minute) }},
	{"the clock two minutes ahead", 20, func(d *disorder) error { return d.w.setClock(d.w.ahead + 2*time.Minute) }},
	{"the clock an hour ahead", 3, func(d *disorder) error { return d.w.setClock(d.w.ahead + time.Hour) }},
	{"the clock ten minutes back", 3, func(d *disorder) error { return d.w.setClock(d.w.ahead - 10*time.Minute) }},
	{"kill -9", 10, (*disorder).kill},
	{"SIGTERM", 4, (*disorder).terminate},
	{"SIGHUP", 5, func(d *disorder) error { d.p.signal(syscall.SIGHUP); return nil }},
	{"SIGSTOP", 4, (*disorder).pause},
	{"somebody leaves", 16, (*disorder).leave},
	{"somebody is erased", 4, (*disorder).erase},
	{"an address changes", 4, (*disorder).rename},
	{"an address is blocked", 2, (*disorder).block},
	{"somebody comes", 6, (*disorder).enrol},
	{"an issue is cancelled", 1, (*disorder).cancel},
	{"a second instance", 2, (*disorder).second},
	{"the server is in another mood", 16, (*disorder).moody},
	{"the server refuses us", 2, (*disorder).refuse},
	{"the server restarts", 3, (*disorder).restart},
}

// chaos lets random things happen to server, machine and people, and then asks
// the model whether everything that the program says is explained by them.
func chaos(t *trial) error {
	w, err := t.world("world", setup{readers: t.pick(500, 150), connections: 6, signed: true, more: "[bounce]\naddress = \"bounces@blog.example.org\""})
	if err != nil {
		return err
	}
	defer w.close()
	d := &disorder{t: t, w: w, m: newModel(), moods: newMoods(t.seed), leaver: newLeaver(w), dice: t.dice(5), done: map[string]int{}}
	list, err := w.people()
	if err != nil {
		return err
	}
	for _, p := range list {
		d.m.meet(p, w.sink.event())
	}
	w.sink.play(d.moods.answer)
	if d.p, err = w.start("serve"); err != nil {
		return err
	}
	if err := d.rage(time.Duration(t.pick(480, 30)) * time.Second); err != nil {
		return err
	}
	t.doing("calm")
	if _, err := w.stop(d.p); err != nil {
		d.crashes = append(d.crashes, err.Error())
	}
	if err := w.settle(); err != nil {
		return err
	}
	return d.judge()
}

// rage lets deeds happen, by the dice alone, until the time is over: first each
// of them, then as often as they weigh.
func (d *disorder) rage(length time.Duration) error {
	sum := 0
	for _, k := range deeds {
		sum += k.weight
	}
	if err := d.write(); err != nil {
		return err
	}
	first := d.dice.Perm(len(deeds))
	for end := time.Now().Add(length); len(first) > 0 || time.Now().Before(end); {
		n := d.dice.IntN(sum)
		i := slices.IndexFunc(deeds, func(k deed) bool { n -= k.weight; return n < 0 })
		if len(first) > 0 {
			i, first = first[0], first[1:]
		}
		if err := deeds[i].do(d); err != nil {
			return fmt.Errorf("%s: %w", deeds[i].name, err)
		}
		d.done[deeds[i].name]++
		letters, _ := d.w.sink.counts()
		d.t.doing("%s left; %d letters, %d articles", round(time.Until(end)), letters, d.w.posts)
		select {
		case <-d.p.ended:
			if !d.p.unborn() {
				d.crashes = append(d.crashes, fmt.Sprintf("ended by itself with code %d: %s", d.p.code, lastLine(d.p.said())))
			}
			d.w.ends[d.p.number] = byFault
			if err := d.again(); err != nil {
				return err
			}
		case <-time.After(time.Duration(d.dice.IntN(700)) * time.Millisecond):
		case <-d.w.ctx.Done():
			return d.w.ctx.Err()
		}
	}
	return nil
}

// again starts the daemon.
func (d *disorder) again() (err error) {
	d.p, err = d.w.start("serve")
	return err
}

func (d *disorder) write() error {
	d.m.articles[d.w.posts+1] = d.w.sink.event()
	return d.w.post()
}

func (d *disorder) kill() error {
	d.w.kill(d.p)
	return d.again()
}

func (d *disorder) terminate() error {
	took, err := d.w.stop(d.p)
	if err != nil {
		d.crashes = append(d.crashes, err.Error())
		d.w.ends[d.p.number] = byFault
	} else if took > 5*time.Second {
		d.crashes = append(d.crashes, fmt.Sprintf("SIGTERM took %.1f s", took.Seconds()))
	}
	return d.again()
}

func (d *disorder) pause() error {
	d.p.signal(syscall.SIGSTOP)
	time.Sleep(time.Duration(d.dice.IntN(1500)) * time.Millisecond)
	d.p.signal(syscall.SIGCONT)
	return nil
}

// pick is somebody who has done nothing yet and got a letter, nil where the dice
// find nobody.
func (d *disorder) pick() *known {
	for range 20 {
		k := d.m.byName[reader(d.dice.IntN(d.w.readers))]
		if k != nil && k.begun == 0 && !k.ghost && d.w.sink.link(k.name()) != "" {
			return k
		}
	}
	return nil
}

// name is the address now.
func (k *known) name() string { return k.names[len(k.names)-1] }

// leave makes a few readers leave; a daemon that is just starting is asked again.
func (d *disorder) leave() error {
	for range 1 + d.dice.IntN(5) {
		k := d.pick()
		if k == nil {
			return nil
		}
		k.begun = d.w.sink.event()
		for !d.leaver.leave(k.name()) {
			select {
			case <-d.p.ended:
				return nil
			case <-d.w.ctx.Done():
				return d.w.ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
		k.gone = d.w.sink.event()
	}
	return nil
}

func (d *disorder) erase() error {
	k := d.pick()
	if k == nil {
		return nil
	}
	k.begun, k.erased = d.w.sink.event(), true
	_, err := d.w.ok("subscribers", "remove", k.name())
	k.gone = d.w.sink.event()
	return err
}

// rename spells an address in another way, in the database itself: no page of
// the program changes addresses yet.
func (d *disorder) rename() error {
	k := d.pick()
	if k == nil || len(k.names) > 1 {
		return nil
	}
	to := strings.ToUpper(k.names[0][:1]) + k.names[0][1:]
	d.m.renamed(k.names[0], to)
	cmd := exec.CommandContext(d.w.ctx, "sqlite3", "-cmd", ".timeout 20000", filepath.Join(d.w.dir, "tidings.db"),
		fmt.Sprintf("update subscribers set address = '%s' where address = '%s'", to, k.names[0]))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (d *disorder) block() error {
	k := d.pick()
	if k == nil {
		return nil
	}
	k.begun, k.blocked = d.w.sink.event(), true
	_, err := d.w.ok("subscribers", "suppress", k.name())
	k.gone = d.w.sink.event()
	return err
}

func (d *disorder) enrol() error {
	d.late++
	address := fmt.Sprintf("late%d@readers.example", d.late)
	if _, err := d.w.ok("subscribers", "add", address, "--consent", "the bar"); err != nil {
		return err
	}
	list, err := d.w.people()
	for _, p := range list {
		if p.Address == address {
			d.m.meet(p, d.w.sink.event())
		}
	}
	return err
}

func (d *disorder) cancel() error {
	list, err := d.w.issues()
	if err != nil || len(list) == 0 {
		return err
	}
	d.m.stopped[list[0].Number] = true
	_, err = d.w.ok("issues", "cancel", fmt.Sprint(list[0].Number))
	return err
}

func (d *disorder) second() error {
	o, err := d.w.do("run")
	if err == nil && o.code != 11 {
		d.crashes = append(d.crashes, fmt.Sprintf("a second instance ended with code %d: %s", o.code, lastLine(o.err)))
	}
	return err
}

func (d *disorder) moody() error {
	d.moods.set([]int{0, 0, 1, 2, 4, 8, 20}[d.dice.IntN(7)], "")
	return nil
}

func (d *disorder) refuse() error {
	d.moods.set(2, "550 5.7.1 we do not know you")
	time.Sleep(time.Duration(500+d.dice.IntN(1000)) * time.Millisecond)
	d.moods.set(2, "")
	return nil
}

func (d *disorder) restart() error {
	d.w.sink.down()
	time.Sleep(time.Duration(d.dice.IntN(1000)) * time.Millisecond)
	return d.w.sink.up()
}

// judge asks the model.
func (d *disorder) judge() error {
	w, t := d.w, d.t
	list, err := w.issues()
	if err != nil {
		return err
	}
	for _, i := range list {
		fates, err := w.whoGot(i.Number)
		if err != nil {
			return err
		}
		d.m.judge(i, fates, w.sink, d.moods.refused, w.ended)
	}
	people, err := w.people()
	if err != nil {
		return err
	}
	d.m.people(people)
	letters, _ := w.sink.counts()
	faults := 0
	for _, n := range d.moods.happens {
		faults += n
	}
	t.check(len(list) == w.posts-1, "issues", len(list), fmt.Sprintf("%d, one for each article", w.posts-1))
	t.check(letters > 0 && w.sink.signed == letters, "letters that were taken", fmt.Sprintf("%d, %d with DKIM", letters, w.sink.signed), "more than 0, all with DKIM")
	t.check(d.m.extras > 0, "extra copies", d.m.extras, "more than 0, and each explained")
	t.check(faults > 0, "faults of the server", faults, "more than 0: "+counted(d.moods.happens))
	t.check(len(d.done) == len(deeds), "things that happened", counted(d.done), fmt.Sprintf("all %d kinds", len(deeds)))
	t.check(d.m.judged["sent"] > 0, "final states", counted(d.m.judged), "all explained")
	t.check(true, "letters after an answer that somebody had left, whose intent was durable before", d.m.late, "any")
	t.none("ends of the daemon that nobody asked for", d.crashes)
	t.none("what the model cannot explain", d.m.wrong)
	t.intact(w)
	return nil
}

// counted shows how often things happened.
func counted(what map[string]int) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(what)) {
		out = append(out, fmt.Sprintf("%s %d", name, what[name]))
	}
	return strings.Join(out, ", ")
}
