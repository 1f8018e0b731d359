package mailer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// told writes a row as a test reads it.
func told(r ImportRow) string {
	switch {
	case r.Problem != "":
		return fmt.Sprintf("%d problem", r.Line)
	case r.Suppress != "":
		return fmt.Sprintf("%d %s %s", r.Line, r.Address.Mailed, r.Suppress)
	case r.Pending:
		return fmt.Sprintf("%d %s pending", r.Line, r.Address.Mailed)
	}
	return fmt.Sprintf("%d %s", r.Line, r.Address.Mailed)
}

func rowsOf(t testing.TB, r io.Reader) (out []string) {
	t.Helper()
	for row, err := range ReadList(r) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, told(row))
	}
	return out
}

func TestListsOfOtherProgramsAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"listmonk-import.csv": {"2 user1@example.com", "3 Li.Lei+weekly@example.com", "4 han.meimei@mail.example.net", "5 bad-json@example.com",
			"6 spaced@example.com", "7 user1@example.com", "8 USER1@example.com", "9 problem", "10 problem"},
		"listmonk-export.csv":         {"2 reader1@example.com", "3 reader2@example.com operator", "4 reader3@example.com unsubscribed"},
		"mailchimp-subscribed.csv":    {"2 anna@example.org", "3 wang.wei@example.org", "4 o'brien@example.org", "6 =cmd@example.org"},
		"mailchimp-unsubscribed.csv":  {"2 gone@example.org unsubscribed"},
		"mailchimp-cleaned.csv":       {"2 bounced@example.org bounced"},
		"substack-email_list.csv":     {"2 free.reader@example.com", "3 paid@example.com", "4 muted@example.com unsubscribed", "5 Muted@example.com"},
		"substack-email_list-old.csv": {"2 old@example.com"},
		"ghost-members.csv":           {"2 jamie@example.com", "3 optout@example.com unsubscribed", "4 noid@example.com"},
		"keila-template.csv":          {"2 keila@example.com"},
		"buttondown-subscribers.csv":  {"2 bd1@example.com", "3 bd2@example.com pending", "4 bd3@example.com unsubscribed", "5 bd4@example.com bounced"},
		"mailpoet-export.csv":         {"2 mp1@example.com", "3 mp2@example.com pending", "4 mp3@example.com unsubscribed", "5 mp4@example.com bounced"},
		"plain-list.txt": {"2 plain1@example.com", "3 plain2@example.com", "4 plain3@example.com", "5 plain4@example.com",
			"6 plain5@example.com", "6 plain6@example.com", "8 plain7@example.com"},
	} {
		f, err := os.Open(shared(t, "corpora", "subscribers", file))
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(t, f); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
		f.Close()
	}
}

func TestAListInAnotherEncodingIsRefusedBeforeItsFirstRow(t *testing.T) {
	t.Parallel()
	gbk := "\xd3\xca\xcf\xe4;\xd0\xd5\xc3\xfb\r\nzhang@example.com;\xd5\xc5\xc8\xfd\r\n"
	late := "email,name\na@example.com,A\n" + strings.Repeat("b@example.com,B\n", 9000) + "c@example.com,\xd5\xc5\n"
	for name, text := range map[string]string{"header": gbk, "at the end": late} {
		n := 0
		var failed error
		for _, err := range ReadList(strings.NewReader(text)) {
			if failed = err; err == nil {
				n++
			}
		}
		if !errors.Is(failed, errNotUTF8) || n != 0 || !strings.Contains(failed.Error(), "iconv") {
			t.Errorf("%s: %d rows, %v", name, n, failed)
		}
	}
	// A pipe is checked as it comes.
	for row, err := range ReadList(io.MultiReader(strings.NewReader(gbk))) {
		if !errors.Is(err, errNotUTF8) {
			t.Errorf("%+v, %v", row, err)
		}
	}
}

func TestListsAreReadInEveryDress(t *testing.T) {
	t.Parallel()
	want := []string{"2 a@example.com", "3 b@example.com"}
	for name, text := range map[string]string{
		"BOM":        "\uFEFFemail,name\na@example.com,A\nb@example.com,B\n",
		"CRLF":       "email,name\r\na@example.com,A\r\nb@example.com,B\r\n",
		"CR":         "email,name\ra@example.com,A\rb@example.com,B",
		"semicolons": "Name;E-Mail\nA;a@example.com\nB;b@example.com\n",
		"tabs":       "Name\tE-mail Address\nA, B\ta@example.com\nB\tb@example.com\n",
		"quotes":     "\"email\",\"name\"\n\"a@example.com\",\"A \"\"B\"\"\"\n\"b@example.com\",\n",
		"Chinese":    "姓名,邮箱\n张三,a@example.com\n李四,b@example.com\n",
		"UTF-16":     utf16("email,name\na@example.com,A\nb@example.com,B\n"),
		"plain":      "# people\nA <a@example.com>\nmailto:b@example.com?subject=x",
		"number":     "#,email\n1,a@example.com\n2,b@example.com\n",
	} {
		if got := rowsOf(t, strings.NewReader(text)); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func utf16(text string) string {
	out := []byte{0xff, 0xfe}
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func TestABrokenRecordDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	text := "email,name,status\na@example.com,\"A\"x,\nb@example.com,B,enabled\nc@example.com,C,whatever\n\"d@example.com, e@example.com\",D,\nf@example.com\n"
	want := []string{"2 problem", "3 b@example.com", "4 problem", "5 problem", "6 f@example.com"}
	if got := rowsOf(t, strings.NewReader(text)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatIsNoListIsRefusedWithAWayOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name,city\nA,B\n":                             `name the column with the addresses "email"`,
		"\n\nname;city\nA;B\n":                         "line 3",
		"email\n\"a@example.com\nb@example.com":        "line 2: a quote is opened and never closed",
		"email\n\"" + strings.Repeat("x", 2<<20):       "longer than",
		"a@example.com\n" + strings.Repeat("x", 2<<20): "longer than",
	} {
		var failed error
		for _, err := range ReadList(strings.NewReader(text)) {
			failed = errors.Join(failed, err)
		}
		if failed == nil || !strings.Contains(failed.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, failed, want)
		}
	}
	if got := rowsOf(t, strings.NewReader("")); got != nil {
		t.Errorf("an empty list has %q", got)
	}
}

func TestNamesAndLanguagesComeAlong(t *testing.T) {
	t.Parallel()
	text := "email,First Name,Last Name,attributes\na@example.com,Li,\"Lei\n\tX\",\"{\"\"lang\"\": \"\"zh_CN\"\"}\"\nb@example.com,B,,\"{\"\"age\"\": 29,\"\n"
	var rows []ImportRow
	for row, err := range ReadList(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || rows[0].Name != "Li Lei X" || rows[0].Language != "zh-CN" || rows[1].Warning == "" || rows[1].Address.Mailed != "b@example.com" {
		t.Errorf("%+v", rows)
	}
}

func TestAnExportDisarmsFormulasAndComesBack(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	all := []Subscriber{
		{Address: "=cmd@example.org", Name: "@SUM(A1)", State: Active, Created: when, Confirmed: when, Subscriptions: []Subscription{{Digest: "news", Confirmed: when}, {Digest: "old", Confirmed: when, Left: when}}},
		{Address: "o'brien@example.org", Name: "+1-2", State: Unsubscribed, Created: when},
		{Address: "-x@example.org", Name: "a\n\"b\"", State: Pending, Language: "zh-CN", Created: when},
	}
	var out strings.Builder
	if err := WriteCSV(&out, seq(all)); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		for _, cell := range r {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
				t.Errorf("cell %q is a formula", cell)
			}
		}
	}
	if records[1][4] != "news" {
		t.Errorf("digests %q", records[1][4])
	}
	want := []string{"2 =cmd@example.org", "3 o'brien@example.org unsubscribed", "4 -x@example.org pending"}
	if got := rowsOf(t, strings.NewReader(out.String())); !slices.Equal(got, want) {
		t.Errorf("read again: %q, want %q", got, want)
	}
	for row := range ReadList(strings.NewReader(out.String())) {
		if row.Name != "@SUM(A1)" {
			t.Errorf("name read again: %q", row.Name)
		}
		break
	}
}

func TestExportedSuppressionsComeBackAsSuppressions(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	all := []Suppression{{Hash: "a", Reason: SuppressedOperator, Address: "=x@example.org", Note: "-"}, {Hash: "b", Reason: SuppressedErased}, {Hash: "c", Reason: SuppressedBounced, Address: "y@example.org"}}
	if err := WriteSuppressionsCSV(&out, 3, seq(all)); err != nil {
		t.Fatal(err)
	}
	want := []string{"2 =x@example.org operator", "3 problem", "4 y@example.org bounced", "5 problem"}
	if got := rowsOf(t, strings.NewReader(out.String()+"d,3,odd,z@example.org,,\n")); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func seq[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, i := range items {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func TestSuppressionsAreExportedWithTheKeyOfTheirHash(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := WriteSuppressionsCSV(&out, 3, seq([]Suppression{{Hash: "-abc", Reason: SuppressedErased, At: time.Unix(0, 0)}}))
	if want := "hash,key,reason,email,note,at\n'-abc,3,erased,,,1970-01-01T00:00:00Z\n"; err != nil || out.String() != want {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func FuzzImport(f *testing.F) {
	for _, s := range []string{
		"email,name,status\na@example.com,\"A \"\"B\"\"\",enabled\n", "\uFEFFEmail;Global status\r\na@example.com;bounced\r\n", "# x\nA <a@example.com>, b@example.com\n",
		"\xd3\xca\xcf\xe4;x\n", "email\n\"a@example.com", "\xff\xfee\x00m\x00", "#,email\r1,a@example.com",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read := func(r io.Reader) (rows []ImportRow, failed bool) {
			for row, err := range ReadList(r) {
				if err != nil {
					return nil, true
				}
				if (row.Problem == "") != (row.Address != Address{}) {
					t.Fatalf("row %+v has both or neither of address and problem", row)
				}
				rows = append(rows, row)
			}
			return rows, false
		}
		seekable, failed1 := read(strings.NewReader(text))
		pipe, failed2 := read(io.MultiReader(strings.NewReader(text)))
		if failed1 != failed2 || !reflect.DeepEqual(seekable, pipe) {
			t.Fatalf("a file gives %+v %v, a pipe %+v %v", seekable, failed1, pipe, failed2)
		}
	})
}

// FuzzRecords compares the reader with encoding/csv wherever that one accepts
// the text.
func FuzzRecords(f *testing.F) {
	f.Add("a,b\n\"c\"\"d\",\"e\nf\"\n")
	f.Add("a\r\n\r\nb,\"\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") || strings.HasPrefix(text, "\uFEFF") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			t.Skip("encoding/csv knows neither")
		}
		standard := csv.NewReader(strings.NewReader(text))
		standard.FieldsPerRecord = -1
		p := newRecordReader(strings.NewReader(text))
		p.comma = ','
		for {
			want, err := standard.Read()
			if err != nil && !errors.Is(err, io.EOF) {
				return
			}
			if len(want) == 1 && strings.TrimSpace(want[0]) == "" {
				continue
			}
			got, _, err2 := p.read()
			if errors.Is(err2, errNotUTF8) {
				return
			}
			if !errors.Is(err2, err) && (err == nil) != (err2 == nil) || !slices.Equal(got, want) {
				t.Fatalf("%q, %v; encoding/csv: %q, %v", got, err2, want, err)
			}
			if err != nil {
				return
			}
		}
	})
}
