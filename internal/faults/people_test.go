package faults

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// site is a daemon with its pages.
type site struct {
	*Process
	t    *testing.T
	base string
}

var listens = regexp.MustCompile(`listen=(127\.0\.0\.1:\d+)`)

// serve starts the daemon and finds its pages.
func (b *Blog) serve(t *testing.T) *site {
	t.Helper()
	p := b.Start("serve")
	p.Await("tidings serves")
	m := listens.FindStringSubmatch(p.Said())
	if m == nil {
		t.Fatalf("no address: %s", p.Said())
	}
	return &site{p, t, "http://" + m[1] + "/"}
}

// end ends the daemon, which must go in peace.
func (s *site) end() {
	s.t.Helper()
	s.Term()
	if code := s.Wait(); code != 0 {
		s.t.Errorf("the daemon ends with %d: %s", code, s.Said())
	}
}

// ask opens a link of a letter, or presses its button.
func (s *site) ask(method, link, form string) int {
	s.t.Helper()
	r, err := http.NewRequest(method, strings.Replace(link, "https://news.example.org/", s.base, 1), strings.NewReader(form))
	if err != nil {
		s.t.Error(err)
		return 0
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Error(err)
		return 0
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		s.t.Error(err)
	}
	return a.StatusCode
}

var anyLink = regexp.MustCompile(`https://news\.example\.org/[\w./~-]+`)

// links are all of a letter's that lead to our pages.
func links(l Letter) []string {
	text := strings.NewReplacer("=\r\n", "", "\r\n ", "", "=3D", "=").Replace(string(l.Text))
	found := anyLink.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// link is the one of a letter that begins so.
func link(t *testing.T, l Letter, path string) string {
	t.Helper()
	for _, found := range links(l) {
		if strings.HasPrefix(found, "https://news.example.org/"+path) {
			return found
		}
	}
	t.Fatalf("the letter to %s has no link to %s:\n%s", l.To, path, l.Text)
	return ""
}

// gate stops letters at the server once it is shut.
type gate struct {
	mu    sync.Mutex
	shut  chan struct{} // nil is open
	holds int
	full  chan struct{}
}

// close shuts the gate; the channel is closed when so many letters wait at it.
func (g *gate) close(n int) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.holds, g.full = make(chan struct{}), n, make(chan struct{})
	return g.full
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.shut)
	g.shut = nil
}

func (g *gate) pass() {
	g.mu.Lock()
	shut := g.shut
	if shut != nil {
		if g.holds--; g.holds == 0 {
			close(g.full)
		}
	}
	g.mu.Unlock()
	if shut != nil {
		<-shut
	}
}

// TestWhoLeavesWhileAnIssueGoesOutGetsNoMore lets readers unsubscribe and be
// erased while every connection has a letter under way: of those who left, only
// they may get one whose letter was on its way before.
func TestWhoLeavesWhileAnIssueGoesOutGetsNoMore(t *testing.T) {
	t.Parallel()
	const connections = 4
	g := &gate{}
	sink := NewSink(t, func(s *Sink) {
		s.Texts = true
		s.Script = func(phase string, _ *Talk) string {
			if phase == "dot" {
				g.pass()
			}
			return ""
		}
	})
	b := NewBlog(t, Options{Readers: 60, Connections: connections, Sink: sink})
	b.Post()
	s := b.serve(t)
	sink.Await(60)
	leave := map[string]string{}
	for _, l := range sink.Letters() {
		leave[l.To] = link(t, l, "u/")
	}
	under := g.close(connections - 1) // the last one may wait for notices
	b.Post()
	<-under
	left := map[string]bool{}
	for i := range 40 {
		to := Reader(i + 11)
		if i%4 == 0 {
			b.OK("subscribers", "remove", to)
		} else if code := s.ask("POST", leave[to], "List-Unsubscribe=One-Click"); code != http.StatusOK {
			t.Errorf("%s cannot leave: %d", to, code)
		}
		left[to] = true
	}
	g.open()
	sink.Await(60 + 20)
	s.end()
	b.OK("run")
	late, stayed := 0, 0
	for _, l := range sink.Letters()[60:] {
		if left[l.To] {
			late++
		} else {
			stayed++
		}
	}
	if stayed != 20 || late > connections {
		t.Errorf("%d who stayed got the second issue, want 20; %d who left, at most %d were under way", stayed, late, connections)
	}
	var o Outcome
	b.JSON(&o, "issues", "show", "2")
	if o.Recipients != 60 || o.States["sent"]+o.States["skipped"]+o.States["cancelled"] != 60 || o.States["sent"] < 20 || o.States["sent"] > 20+late {
		t.Errorf("the second issue: %+v", o)
	}
}

// TestAScannerThatOpensEveryLinkChangesNothing opens all links of a letter, and
// of one that asks to confirm, as mail filters do.
func TestAScannerThatOpensEveryLinkChangesNothing(t *testing.T) {
	t.Parallel()
	sink := NewSink(t, func(s *Sink) { s.Texts = true })
	b := NewBlog(t, Options{Readers: 3, Sink: sink})
	b.Post()
	s := b.serve(t)
	sink.Await(3)
	b.OK("subscribers", "add", "new@example.org")
	sink.Await(4)
	before := b.OK("subscribers", "export")
	opened := 0
	for _, l := range sink.Letters() {
		for _, found := range links(l) {
			for _, method := range []string{"GET", "HEAD", "GET"} {
				s.ask(method, found, "")
				opened++
			}
		}
	}
	if after := b.OK("subscribers", "export"); after != before || !strings.Contains(before, "pending") {
		t.Errorf("after %d looks at links the list is\n%s\nand was\n%s", opened, after, before)
	}
	s.end()
	if sink.Count() != 4 || opened < 12 {
		t.Errorf("%d letters, want 4; %d looks", sink.Count(), opened)
	}
}

// TestAConfirmationCountsOnceHoweverOftenItIsPressed presses the button twice,
// many times at once, and too late.
func TestAConfirmationCountsOnceHoweverOftenItIsPressed(t *testing.T) {
	t.Parallel()
	sink := NewSink(t, func(s *Sink) { s.Texts = true })
	b := NewBlog(t, Options{Readers: 1, Sink: sink})
	b.Write("clock", "0s")
	b.Env = []string{"TIDINGS_CLOCK=" + b.Path("clock")}
	s := b.serve(t)
	confirm := map[string]string{}
	for i, to := range []string{"twice@example.org", "once@example.org", "late@example.org"} {
		b.OK("subscribers", "add", to)
		sink.Await(i + 1)
		l := sink.Letters()[i]
		confirm[l.To] = link(t, l, "c/")
	}
	for range 2 {
		if code := s.ask("POST", confirm["twice@example.org"], ""); code != http.StatusOK {
			t.Errorf("confirming ends with %d", code)
		}
	}
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if code := s.ask("POST", confirm["once@example.org"], ""); code != http.StatusOK {
				t.Errorf("confirming at once ends with %d", code)
			}
		})
	}
	wait.Wait()
	s.end()
	b.Write("clock", "9000h")
	s = b.serve(t)
	s.ask("POST", confirm["late@example.org"], "") // the page says what to do
	s.end()
	list := b.OK("subscribers", "export")
	for to, state := range map[string]string{"twice@example.org": "active", "once@example.org": "active", "late@example.org": "pending"} {
		if n := strings.Count(list, to); n != 1 || !regexp.MustCompile(regexp.QuoteMeta(to)+`.*\b`+state).MatchString(list) {
			t.Errorf("%s stands in the list %d times, and should be %s:\n%s", to, n, state, list)
		}
	}
}
