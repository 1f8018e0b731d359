package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/mailer"
)

func (d *door) importList(r io.Reader, o mailer.ImportOptions) (out []string, sum mailer.ImportSummary, err error) {
	d.t.Helper()
	o.Digest = "news"
	err = d.db.Import(d.ctx, mailer.ReadList(r), o, d.now, func(i mailer.Imported) error {
		sum.Count(i)
		out = append(out, fmt.Sprintf("%d %s", i.Row.Line, i.Outcome))
		return nil
	})
	return out, sum, err
}

// everybody lists who is known, with their state and suppressions.
func (d *door) everybody() []string {
	d.t.Helper()
	out, err := collect[string](d.ctx, d.db.read, `select u.address || ' ' || u.state || coalesce((select ' -' || p.reason from suppressions p where p.hash = u.hash), '') from subscribers u
		union all select p.address || ' nobody -' || p.reason from suppressions p where not exists (select 1 from subscribers u where u.hash = p.hash) order by 1`)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

const crooked = `email,name,status
ann@example.com,Ann,enabled
ANN@example.com,Ann again,enabled
bob@example.com,Bob,unsubscribed
bob@example.com,Bob,enabled
cid@example.com,Cid,unconfirmed
left@example.com,Left,enabled
gone@example.com,Gone,enabled
bad,Bad,enabled
dan@example.com,Dan,bounced
`

func TestImportRespectsWhoLeftHereAndThere(t *testing.T) {
	t.Parallel()
	want := []string{"2 added", "3 known", "4 suppressed", "5 left", "6 added", "7 left", "8 blocked", "9 ", "10 suppressed"}
	d := newDoor(t)
	d.reader("left")
	d.leave("left", "news")
	d.reader("gone")
	gone, _ := mailer.ParseAddress("gone@example.com")
	if _, err := d.db.Erase(d.ctx, gone, d.now); err != nil {
		t.Fatal(err)
	}
	before := d.everybody()
	got, dry, err := d.importList(strings.NewReader(crooked), mailer.ImportOptions{Consent: "asked at the fair", DryRun: true})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("dry run: %q, %v; want %q", got, err, want)
	}
	if after := d.everybody(); !slices.Equal(before, after) {
		t.Errorf("the dry run changed %q to %q", before, after)
	}
	got, sum, err := d.importList(strings.NewReader(crooked), mailer.ImportOptions{Consent: "asked at the fair"})
	if err != nil || !slices.Equal(got, want) || sum != dry {
		t.Errorf("%q, %+v, %v; want %q, %+v", got, sum, err, want, dry)
	}
	if sum.Active != 1 || sum.Problems != 1 || sum.Rows != 9 {
		t.Errorf("%+v", sum)
	}
	people := []string{" nobody -erased", "ann@example.com active", "bob@example.com nobody -unsubscribed", "cid@example.com pending",
		"dan@example.com nobody -bounced", "left@example.com unsubscribed -unsubscribed"}
	if got := d.everybody(); !slices.Equal(got, people) {
		t.Errorf("%q, want %q", got, people)
	}
	if n := d.count(`select count(*) from consents where kind = 'import' and statement = 'asked at the fair'`); n != 1 {
		t.Errorf("%d consents, want ann's", n)
	}
	// Once more changes nothing.
	again, _, err := d.importList(strings.NewReader(crooked), mailer.ImportOptions{Consent: "asked at the fair"})
	if err != nil || again[0] != "2 known" || !slices.Equal(d.everybody(), people) {
		t.Errorf("again: %q, %v, %q", again, err, d.everybody())
	}
}

func TestImportWithoutConsentMakesPendingPeopleWhoGetNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	if _, sum, err := d.importList(strings.NewReader("ann@example.com\n"), mailer.ImportOptions{}); err != nil || sum.Added != 1 || sum.Active != 0 {
		t.Fatal(sum, err)
	}
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	d.expect("ann")
	// A consent that comes later makes them active, from then on.
	if got, sum, err := d.importList(strings.NewReader("ann@example.com\n"), mailer.ImportOptions{Consent: "by letter"}); err != nil || sum.Confirmed != 1 {
		t.Fatal(got, err)
	}
	d.post("two")
	d.at("2026-11-24T07:00:00Z")
	d.tick()
	d.expect("ann", "news #1 en Europe/Berlin: two")
}

func TestImportOfAnErasedPersonsOldStatusKeepsNoAddress(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	a, _ := mailer.ParseAddress("forget.me@example.com")
	if _, err := d.db.Erase(d.ctx, a, d.now); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.importList(strings.NewReader("email,status\nforget.me@example.com,unsubscribed\nforget.me@example.com,enabled\n"), mailer.ImportOptions{Consent: "x"}); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`select count(*) from suppressions where address <> ''`) + d.count(`select count(*) from subscribers`); n != 0 {
		t.Errorf("%d rows have the address again", n)
	}
}

func TestImportGoesOnInChunksAndReportsWhatIsDone(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var list strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&list, "r%d@example.com\n", i)
	}
	if _, sum, err := d.importList(strings.NewReader(list.String()), mailer.ImportOptions{Consent: "x"}); err != nil || sum.Active != 1200 {
		t.Fatal(sum, err)
	}
	list.WriteString("new@example.com\n" + strings.Repeat("# nobody\n", 10000) + "\xff\n")
	_, sum, err := d.importList(io.MultiReader(strings.NewReader(list.String())), mailer.ImportOptions{Consent: "x"})
	if err == nil || sum.Rows != 1201 || sum.Added != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	stop := errors.New("stop")
	if err := d.db.Import(d.ctx, mailer.ReadList(strings.NewReader(list.String()[:100])), mailer.ImportOptions{Digest: "news"}, d.now, func(mailer.Imported) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

func TestListsOfTheCorpusComeToWhatTheySay(t *testing.T) {
	t.Parallel()
	root := os.Getenv("TIDINGS_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	root = filepath.Join(root, "corpora", "subscribers")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no shared test material at %s", root)
	}
	d := newDoor(t)
	for _, name := range []string{"listmonk-import.csv", "listmonk-export.csv", "mailchimp-subscribed.csv", "mailchimp-unsubscribed.csv", "mailchimp-cleaned.csv",
		"substack-email_list.csv", "substack-email_list-old.csv", "ghost-members.csv", "keila-template.csv", "buttondown-subscribers.csv", "mailpoet-export.csv", "plain-list.txt"} {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.importList(f, mailer.ImportOptions{Consent: "asked"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f.Close()
	}
	active, err := collect[string](d.ctx, d.db.read, `select address from subscribers where state = 'active' order by address_key`)
	want := strings.Fields(`=cmd@example.org anna@example.org bad-json@example.com bd1@example.com free.reader@example.com han.meimei@mail.example.net jamie@example.com keila@example.com
		Li.Lei+weekly@example.com mp1@example.com noid@example.com o'brien@example.org old@example.com paid@example.com plain1@example.com plain2@example.com plain3@example.com
		plain4@example.com plain5@example.com plain6@example.com plain7@example.com reader1@example.com spaced@example.com user1@example.com wang.wei@example.org`)
	if err != nil || !slices.Equal(active, want) {
		t.Errorf("active are %q, %v; want %q", active, err, want)
	}
	if n := d.count(`select count(*) from suppressions`); n != 10 {
		t.Errorf("%d suppressions", n)
	}
	if n := d.count(`select count(*) from subscribers where state = 'pending'`); n != 2 {
		t.Errorf("%d pending", n)
	}
}
