package store

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"tidings.example/posts"
)

func TestStatesOfFeedsComeBackAsTheyWereSaved(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	one := posts.FeedState{Version: 7, Base: "b", Inputs: "i", Files: "f", Changed: noon}
	two := posts.FeedState{Feed: "tags/go", Version: 3}
	for _, states := range [][]posts.FeedState{nil, {{Feed: "tags/go", Version: 1, Changed: noon}, one}, {two}} {
		if err := db.SaveFeedStates(t.Context(), states); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.FeedStates(t.Context())
	if diff := cmpDiff(map[string]posts.FeedState{"": one, "tags/go": two}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

// A database of before the archives has posts that no version is known of:
// every document is made once.
func TestALedgerWithoutArchivesGetsThem(t *testing.T) {
	t.Parallel()
	old := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files[:7] {
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
	if _, err := conn.ExecContext(t.Context(), `insert into releases (post, released_at, mailable, withdrawn_at) values (1, 5, 0, 0), (2, 5, 0, 9)`); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), conn, migrations); err != nil {
		t.Fatal(err)
	}
	var live, graves int
	if err := conn.QueryRowContext(t.Context(), `select (select count(*) from releases where version = 0),
		(select count(*) from releases where withdrawn_at <> 0 and buried = 0)`).Scan(&live, &graves); err != nil || live != 2 || graves != 1 {
		t.Errorf("%d releases, %d tombstones, %v", live, graves, err)
	}
}
