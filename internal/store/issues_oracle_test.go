package store

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/raced"
	"tidings.example/mailer"
)

// The oracle: a second account of the same rules, hour by hour and reader by
// reader, that knows nothing of waves, slots in a database or plans. It reads a
// local clock once an hour.

// oracleSeeds is how many worlds are compared: more of them take longer.
var oracleSeeds = flag.Uint64("seeds", 1, "worlds that the oracle compares")

const oracleLine = mailer.Cadence("0 12 * * 1-5")

type oraclePost struct {
	id                  string
	seq                 int64
	tag                 string
	mailable, withdrawn bool
}

type oracleReader struct {
	name         string
	id           int64
	zone         *time.Location
	hour         int
	cadence      mailer.Cadence
	topic        string // "" is everything
	paused, left bool
	cursor       int64
	owed         map[string]bool
	served       map[string]bool // labels
}

type oracleLetter struct{ reader, posts string }

type oracle struct {
	*door
	rng     *rand.Rand
	zones   []*time.Location
	posts   []*oraclePost
	readers []*oracleReader
	cuts    map[string]int64 // by cadence and label
	looked  int64
	open    []*oracleLetter // letters that are not done
	want    []string        // every letter as "time reader: posts"
}

// walls lists the civil hours that a zone's clocks reach in the hour up to t:
// one as a rule, two where an hour is skipped, none where one comes again.
func walls(zone *time.Location, t time.Time) (out []time.Time) {
	naive := func(t time.Time) time.Time {
		l := t.In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), 0, 0, 0, time.UTC)
	}
	for w := naive(t.Add(-time.Hour)).Add(time.Hour); !w.After(naive(t)); w = w.Add(time.Hour) {
		out = append(out, w)
	}
	return out
}

// labels returns the slots that fall due for a reader in the hour up to t.
func (r *oracleReader) labels(c mailer.Cadence, t time.Time) (out []string) {
	for _, w := range walls(r.zone, t) {
		switch {
		case c == mailer.Daily && w.Hour() == r.hour:
			out = append(out, w.Format("2006-01-02"))
		case c == mailer.Weekly && w.Hour() == r.hour && w.Weekday() == time.Monday:
			y, n := w.ISOWeek()
			out = append(out, fmt.Sprintf("%d-%d", y, n))
		case c == oracleLine && w.Hour() == 12 && w.Weekday() != time.Saturday && w.Weekday() != time.Sunday:
			out = append(out, w.Format("2006-01-02 15"))
		}
	}
	return out
}

func (r *oracleReader) active() bool { return !r.paused && !r.left }

// passed tells whether a label fell due for the reader up to t.
func (r *oracleReader) passed(c mailer.Cadence, label string, t time.Time) bool {
	for h := range 50 {
		if slices.Contains(r.labels(c, t.Add(-time.Duration(h)*time.Hour)), label) {
			return true
		}
	}
	return false
}

func (o *oracle) highest() int64 { return int64(len(o.posts)) }

// serve gives a reader what is due up to a cut.
func (o *oracle) serve(r *oracleReader, cut int64) {
	var share []*oraclePost
	for _, p := range o.posts {
		due := p.mailable && p.seq > r.cursor && p.seq <= cut || r.owed[p.id]
		if due && !p.withdrawn && (r.topic == "" || r.topic == p.tag) {
			share = append(share, p)
		}
	}
	r.cursor, r.owed = max(r.cursor, cut), map[string]bool{}
	if len(share) > 0 {
		o.letter(r, share)
	}
}

func (o *oracle) letter(r *oracleReader, share []*oraclePost) {
	var ids []string
	for _, p := range share {
		ids = append(ids, p.id)
	}
	slices.Sort(ids)
	posts := strings.Join(ids, " ")
	o.open = append(o.open, &oracleLetter{reader: r.name, posts: posts})
	o.want = append(o.want, fmt.Sprintf("%s %s: %s", o.now.Format("01-02 15"), r.name, posts))
}

// hour is what the rules say of one hour.
func (o *oracle) hour() {
	for _, c := range []mailer.Cadence{mailer.Daily, mailer.Weekly, oracleLine} {
		due := map[string]bool{}
		for _, r := range o.readers {
			if r.cadence == c && !r.left {
				for _, l := range r.labels(c, o.now) {
					due[l] = true
				}
			}
		}
		for _, label := range slices.Sorted(maps.Keys(due)) {
			key := string(c) + label
			if _, opened := o.cuts[key]; !opened {
				o.cuts[key] = o.highest()
			}
			for _, r := range o.readers {
				if r.cadence == c && r.active() && !r.served[key] && r.passed(c, label, o.now) {
					r.served[key] = true
					o.serve(r, o.cuts[key])
				}
			}
		}
	}
	for _, p := range o.posts[o.looked:] {
		for _, r := range o.readers {
			if p.mailable && !p.withdrawn && r.cadence == mailer.Immediate && r.active() {
				o.serve(r, p.seq)
			}
		}
	}
	o.looked = o.highest()
}

func newOracle(t *testing.T, seed uint64, start string) *oracle {
	d := aDigest(mailer.Daily, mailer.Weekly, mailer.Immediate, oracleLine)
	d.Zone = time.UTC
	o := &oracle{door: newDoor(t, d), rng: rand.New(rand.NewPCG(seed, 1)), cuts: map[string]int64{}}
	o.at(start)
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Shanghai"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		o.zones = append(o.zones, zone)
	}
	return o
}

// join adds a reader.
func (o *oracle) join(i int, cadence mailer.Cadence, zone *time.Location, hour int) *oracleReader {
	r := &oracleReader{name: fmt.Sprintf("r%02d", i), zone: zone, hour: hour, cadence: cadence, cursor: o.highest(), owed: map[string]bool{}, served: map[string]bool{}}
	r.id = o.reader(r.name)
	o.exec(`update subscriptions set cadence = ?, zone = ?, hour = ?, minute = 0 where subscriber = ?`, cadence, zone.String(), hour, r.id)
	o.readers = append(o.readers, r)
	return r
}

// write releases a post.
func (o *oracle) write() {
	p := &oraclePost{id: fmt.Sprintf("p%03d", len(o.posts)+1), seq: o.highest() + 1, tag: []string{"git", "llm", "zig"}[o.rng.IntN(3)], mailable: o.rng.IntN(8) > 0}
	o.posts = append(o.posts, p)
	o.dated(p.id, o.now, p.mailable, p.tag)
}

func (o *oracle) hide(p *oraclePost, hidden bool) {
	p.withdrawn = hidden
	at := int64(0)
	if hidden {
		at = o.now.UnixMilli()
	}
	o.exec(`update releases set withdrawn_at = ? where seq = ?`, at, p.seq)
}

func (o *oracle) pause(r *oracleReader, paused bool) {
	if r.left || r.paused == paused {
		return
	}
	r.paused = paused
	if _, err := o.db.Pause(o.ctx, r.id, paused, o.now); err != nil {
		o.t.Fatal(err)
	}
	if paused {
		o.end(r, func(l *oracleLetter) { o.owe(r, l) })
	}
}

// end takes the open letters of a reader away.
func (o *oracle) end(r *oracleReader, each func(*oracleLetter)) {
	o.open = slices.DeleteFunc(o.open, func(l *oracleLetter) bool {
		if l.reader == r.name {
			each(l)
		}
		return l.reader == r.name
	})
}

func (o *oracle) owe(r *oracleReader, l *oracleLetter) {
	if r.left {
		return
	}
	for id := range strings.FieldsSeq(l.posts) {
		r.owed[id] = true
	}
}

func (o *oracle) leaveOrReturn(r *oracleReader) {
	c := mailer.Claim{Purpose: mailer.ConfirmToken, Subscriber: r.id, Digest: "news", Made: o.now}
	var err error
	if r.left = !r.left; r.left {
		err = o.db.Leave(o.ctx, c, o.now)
		r.paused = false
		o.end(r, func(*oracleLetter) {})
	} else {
		_, err = o.db.Confirm(o.ctx, c, o.now)
		r.cursor = max(r.cursor, o.highest())
	}
	r.owed = map[string]bool{}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *oracle) wantTopic(r *oracleReader, topic string) {
	r.topic = topic
	text := ""
	if topic != "" {
		text = `{"tags":["` + topic + `"]}`
	}
	o.wants(r.name, "topics", text)
}

// finish ends some open letters, one in six without arriving.
func (o *oracle) finish() {
	o.open = slices.DeleteFunc(o.open, func(l *oracleLetter) bool {
		if o.rng.IntN(4) == 0 {
			return false // takes longer
		}
		state := "sent"
		if o.rng.IntN(6) == 0 {
			state = []string{"failed", "expired", "cancelled"}[o.rng.IntN(3)]
		}
		r := o.readers[slices.IndexFunc(o.readers, func(r *oracleReader) bool { return r.name == l.reader })]
		if state != "sent" {
			o.owe(r, l)
		}
		o.exec(`update deliveries set cause = 'by hand', state = ? where id = (select d.id from deliveries d join variants v on v.id = d.variant
			where d.subscriber = ? and d.state = 'queued' and (select group_concat(value, ' ') from (select value from json_each(v.posts) order by value)) = ? order by d.id limit 1)`,
			state, r.id, l.posts)
		return true
	})
}

// got lists every letter of the database as the oracle writes it.
func (o *oracle) got() (out []string) {
	o.t.Helper()
	for _, f := range o.allFates() {
		at := instant(o.number(`select published_at from waves where id = ?`, f.wave)).Format("01-02 15")
		who := o.text(`select address_key from subscribers where id = ?`, f.subscriber)
		posts := o.text(`select group_concat(value, ' ') from variants v, (select value from json_each((select posts from variants where id = ?1)) order by value) where v.id = ?1`, f.variant)
		out = append(out, fmt.Sprintf("%s %s: %s", at, strings.TrimSuffix(who, "@example.com"), posts))
	}
	slices.Sort(out)
	return out
}

// TestEveryLetterIsTheOneThatTheRulesForesee compares two months, hour by
// hour, across changes of clocks on both hemispheres.
func TestEveryLetterIsTheOneThatTheRulesForesee(t *testing.T) {
	t.Parallel()
	if raced.On {
		t.Skip("takes minutes, and finds no races")
	}
	for seed := range *oracleSeeds {
		o := newOracle(t, seed, "2026-09-20T00:00:00Z")
		hours := []int{8, 2}
		for _, c := range []mailer.Cadence{mailer.Daily, mailer.Weekly, mailer.Immediate, oracleLine} {
			for _, zone := range o.zones {
				for i, hour := range hours {
					if i == 0 || c == mailer.Daily || c == mailer.Weekly {
						o.join(len(o.readers), c, zone, hour) // these stay as they are
					}
				}
			}
		}
		anchors := len(o.readers)
		for range 36 {
			c := []mailer.Cadence{mailer.Daily, mailer.Weekly, mailer.Immediate, oracleLine}[o.rng.IntN(4)]
			o.join(len(o.readers), c, o.zones[o.rng.IntN(4)], hours[0])
		}
		o.tick()
		o.hour()
		for range 60 * 24 {
			o.now = o.now.Add(time.Hour)
			if o.rng.IntN(10) == 0 {
				o.write()
			}
			if o.rng.IntN(40) == 0 && len(o.posts) > 0 {
				p := o.posts[max(0, len(o.posts)-1-o.rng.IntN(10))]
				o.hide(p, !p.withdrawn)
			}
			if o.rng.IntN(5) == 0 {
				o.change(o.readers[anchors+o.rng.IntN(36)])
			}
			o.tick()
			o.hour()
			o.finish()
			o.tidy()
		}
		slices.Sort(o.want)
		got := o.got()
		if len(got) < 700 {
			t.Errorf("only %d letters: the test has no teeth", len(got))
		}
		if !slices.Equal(got, o.want) {
			t.Errorf("seed %d: %d letters, want %d; first difference: %s", seed, len(got), len(o.want), firstDifference(got, o.want))
		}
	}
}

// change lets a reader do something.
func (o *oracle) change(r *oracleReader) {
	switch o.rng.IntN(6) {
	case 0, 1:
		o.pause(r, !r.paused)
	case 2:
		o.leaveOrReturn(r)
	case 3:
		o.wantTopic(r, []string{"", "git", "llm"}[o.rng.IntN(3)])
	default:
		if r.left {
			return
		}
		r.cadence = []mailer.Cadence{mailer.Daily, mailer.Weekly, mailer.Immediate, oracleLine}[o.rng.IntN(4)]
		o.wants(r.name, "cadence", r.cadence)
	}
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("%q, want %q", g, w)
		}
	}
	return "none"
}

// TestNothingIsLostOrSentTwiceWhateverHappens adds what the oracle cannot
// foresee: downtime, crashes between any two steps, changes of zone and hour,
// issues sent by hand. What must hold is asked of the outcome alone.
func TestNothingIsLostOrSentTwiceWhateverHappens(t *testing.T) {
	t.Parallel()
	if raced.On {
		t.Skip("takes minutes, and finds no races")
	}
	for seed := range *oracleSeeds {
		o := newOracle(t, 100+seed, "2026-09-10T00:00:00Z")
		o.engine.Digests[0].MaxLateness = 20 * time.Hour
		o.engine.Press = &brittlePress{DB: o.db, rng: o.rng}
		cadences := []mailer.Cadence{mailer.Daily, mailer.Weekly, mailer.Immediate, oracleLine}
		for i := range 40 {
			o.join(i, cadences[i%4], o.zones[o.rng.IntN(4)], o.rng.IntN(24))
		}
		since := map[string]int64{} // highest sequence when the reader joined last
		down := 0
		for range 60 * 24 {
			o.now = o.now.Add(time.Hour)
			if o.rng.IntN(10) == 0 {
				o.write()
			}
			r := o.readers[o.rng.IntN(len(o.readers))]
			switch o.rng.IntN(12) {
			case 0:
				o.pause(r, !r.paused)
			case 1:
				if o.leaveOrReturn(r); !r.left {
					since[r.name] = o.highest()
				}
			case 2:
				o.wants(r.name, "zone", o.zones[o.rng.IntN(4)].String())
			case 3:
				o.wants(r.name, "hour", o.rng.IntN(24))
			case 4:
				o.wants(r.name, "cadence", cadences[o.rng.IntN(4)])
			}
			if down--; down > 0 {
				continue
			}
			if o.rng.IntN(60) == 0 {
				down = o.rng.IntN(60)
			}
			o.stumble()
			o.settle(false)
			o.tidy()
		}
		for _, r := range o.readers {
			o.pause(r, false)
		}
		o.engine.Press = o.db
		o.restart()
		// An immediate reader gets what waits with the next post.
		for o.write(); !o.posts[len(o.posts)-1].mailable; {
			o.write()
		}
		for range 15 * 24 {
			o.now = o.now.Add(time.Hour)
			o.tick()
			o.settle(true)
		}
		o.audit(seed, since)
	}
}

// stumble ticks, or sends by hand, and starts again after a crash.
func (o *oracle) stumble() {
	var err error
	if o.rng.IntN(100) == 0 {
		_, err = o.engine.Send(o.ctx, "news", mailer.SendOptions{}, o.now)
	} else {
		_, err = o.engine.Tick(o.ctx, o.now)
	}
	if err != nil {
		if !strings.Contains(err.Error(), errPower.Error()) {
			o.t.Fatalf("at %s: %v", o.now, err)
		}
		o.restart()
	}
}

func (o *oracle) restart() {
	if _, err := o.db.DropUnpublished(o.ctx); err != nil {
		o.t.Fatal(err)
	}
}

// settle ends open letters; with all set, every one arrives.
func (o *oracle) settle(all bool) {
	o.exec(`update deliveries set cause = '', state = 'sent' where state = 'queued' and (? or id % 7 <> 3) and wave in (select id from waves where published_at is not null)`, all)
	if !all {
		o.exec(`update deliveries set cause = 'by hand', state = case id % 3 when 0 then 'failed' when 1 then 'expired' else 'cancelled' end
			where state = 'queued' and wave in (select id from waves where published_at is not null)`)
	}
}

// audit asks whether every reader has everything once.
func (o *oracle) audit(seed uint64, since map[string]int64) {
	o.t.Helper()
	count := map[string]int{}
	for _, f := range o.allFates() {
		if f.state != mailer.Sent && f.state != mailer.Queued && f.state != mailer.Skipped {
			continue
		}
		who := strings.TrimSuffix(o.text(`select address_key from subscribers where id = ?`, f.subscriber), "@example.com")
		posts, err := collect[string](o.ctx, o.db.read, `select value from json_each((select posts from variants where id = ?))`, f.variant)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, post := range posts {
			count[who+" "+post]++
		}
	}
	if o.number(`select sum(folded) from waves`) == 0 {
		o.t.Error("nothing was folded: the test has no teeth")
	}
	pairs := 0
	for _, r := range o.readers {
		for _, p := range o.posts {
			n := count[r.name+" "+p.id]
			switch {
			case n > 1, n > 0 && !p.mailable:
				o.t.Errorf("seed %d: %s got %s %d times", seed, r.name, p.id, n)
			case n == 0 && p.mailable && !r.left && p.seq > since[r.name]:
				o.t.Errorf("seed %d: %s never got %s", seed, r.name, p.id)
			}
			pairs += n
		}
	}
	if open := o.count(`select count(*) from waves where published_at is null`); open != 0 || pairs < 1000 {
		o.t.Errorf("seed %d: %d unpublished waves, %d posts delivered", seed, open, pairs)
	}
	if late := o.count(`select count(*) from issues where closed_at is null and opened_at < ?`, o.now.AddDate(0, 0, -10).UnixMilli()); late != 0 {
		o.t.Errorf("seed %d: %d issues were never closed", seed, late)
	}
}

// brittlePress breaks a step now and then, and tidies nothing up.
type brittlePress struct {
	*DB
	rng *rand.Rand
}

func (p *brittlePress) Wave(id int64, g mailer.Group) mailer.Wave {
	after := -1
	if p.rng.IntN(12) == 0 {
		after = p.rng.IntN(12)
	}
	return &brittleWave{wave: newWave(p.DB, id, g), after: after}
}

type brittleWave struct {
	*wave
	after int // steps until the power fails; below zero it does not
}

func (b *brittleWave) step() error {
	if b.after--; b.after == -1 {
		return errPower
	}
	return nil
}

func (b *brittleWave) Variant(ctx context.Context, t mailer.Template, posts []string) (int64, error) {
	if err := b.step(); err != nil {
		return 0, err
	}
	return b.wave.Variant(ctx, t, posts)
}

func (b *brittleWave) Freeze(ctx context.Context, r mailer.Rhythm, after int64, limit int, letter func(mailer.Interest) (int64, error)) (int64, mailer.Frozen, error) {
	if err := b.step(); err != nil {
		return 0, mailer.Frozen{}, err
	}
	return b.wave.Freeze(ctx, r, after, limit, letter)
}

// Publish may lose the answer after the commit.
func (b *brittleWave) Publish(ctx context.Context, n mailer.Frozen, number int64, now time.Time) error {
	if err := b.step(); err != nil {
		return err
	}
	if err := b.wave.Publish(ctx, n, number, now); err != nil {
		return err
	}
	return b.step()
}

// Drop does what a dead process does.
func (b *brittleWave) Drop(context.Context) error { return nil }
