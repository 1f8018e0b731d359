package store

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"tidings.example/feed"
	"tidings.example/feed/feedtest"
	"tidings.example/internal/store/storetest"
)

// A database of before the pings keeps what it knows of its feeds; their bytes
// are named at the next round.
func TestALedgerWithoutPingsGetsThem(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for _, name := range files[:11] {
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	conn := bare(t)
	if err := migrate(t.Context(), conn, old); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `insert into feeds (feed, version, base, inputs, files, changed_at) values ('tags/go', 7, 'b', 'i', 'f', 5)`); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, migrations); err != nil {
		t.Fatal(err)
	}
	var kept, pings int
	if err := conn.QueryRowContext(t.Context(), `select (select count(*) from feeds where version = 7 and inputs = 'i' and tags = ''),
		(select count(*) from pings)`).Scan(&kept, &pings); err != nil || kept != 1 || pings != 0 {
		t.Errorf("%d feeds kept, %d pings, %v", kept, pings, err)
	}
}

func TestTheLedgerOfPingsKeepsTheContract(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	feedtest.KeepsPingsContract(t, db)
}

func TestTwoProcessesNeverClaimTheSamePing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	storetest.Lay(t, path, Open)
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	const hub, n = "https://hub.example.org/", 40
	claimed := make(chan string, 2*n)
	ended := make(chan error, 2)
	for i := range 2 {
		db, err := Open(t.Context(), path, false)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if i == 0 {
			var topics []feed.Topic
			for i := range n {
				topics = append(topics, feed.Topic{URL: string(rune('a' + i)), Tag: "1", Hubs: []string{hub}})
			}
			if err := db.AnnounceTopics(t.Context(), topics, now); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			for {
				p, ok, err := db.ClaimPing(t.Context(), hub, now, now.Add(time.Minute))
				if err != nil || !ok {
					ended <- err
					return
				}
				claimed <- p.Topic
			}
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	close(claimed)
	seen := map[string]int{}
	for topic := range claimed {
		seen[topic]++
	}
	for topic, times := range seen {
		if times != 1 {
			t.Errorf("%s was claimed %d times", topic, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d topics were claimed", len(seen), n)
	}
}

func TestStandingOfAHubNamesWhatWaitsAndWhy(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	const hub, quiet = "https://hub.example.org/", "https://quiet.example.org/"
	topics := []feed.Topic{{URL: "a", Tag: "1", Hubs: []string{hub, quiet}}, {URL: "b", Tag: "1", Hubs: []string{hub}}, {URL: "c", Tag: "1", Hubs: []string{hub}}}
	if err := db.AnnounceTopics(t.Context(), topics, now); err != nil {
		t.Fatal(err)
	}
	for _, s := range []feed.Settlement{
		{State: feed.PingQueued, Due: now.Add(5 * time.Minute), Attempts: 1, Refused: true, Reply: "500"},
		{State: feed.PingFailed, Attempts: 1, Refused: true, Reply: "404"},
	} {
		p, ok, err := db.ClaimPing(t.Context(), hub, now, now.Add(time.Minute))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		now = now.Add(time.Second)
		if err := db.SettlePing(t.Context(), p, s, now); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Hubs(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if h := got[0]; h.Hub != hub || h.Waiting != 2 || h.Untold != 1 || h.Reply != "404" || h.Next == nil || !h.Next.Equal(now.Add(-2*time.Second)) || h.Refusing == nil || !h.Refusing.Equal(now.Add(-time.Second)) {
		t.Errorf("%+v", h)
	}
	if h := got[1]; h.Hub != quiet || h.Waiting != 1 || h.Reply != "" || h.Refusing != nil {
		t.Errorf("%+v", h)
	}
}
