package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Page is what a [Server] answers at one path.
type Page struct {
	// Body is the document; Type is its Content-Type.
	Body []byte
	Type string
	// Tag is what Tag(Body) is; "" where nobody has asked yet.
	Tag string
	// Changed is when the bytes last changed: the later of Document.Changed and
	// the time of modification of the file, which moves when only the
	// configuration did. Zero is the moment of the update.
	Changed time.Time
	// MaxAge is how long a cache may keep the answer: the document's TTL.
	MaxAge time.Duration
	// Self is the absolute URL of the page, Hubs those of its WebSub hubs.
	Self string
	Hubs []string
	// Gone answers 410: there was a feed. MovedTo answers 301: it is at that
	// URL now. Both leave the other fields unused but MaxAge.
	Gone    bool
	MovedTo string
}

// NewPage returns the page that serves an encoded document.
func NewPage(doc *Document, e Encoded) Page {
	return Page{
		Body: e.Bytes, Tag: Tag(e.Bytes), Type: e.Format.ContentType(), Changed: e.Changed, MaxAge: doc.TTL,
		Self: address(doc.Self.For(e.Format)), Hubs: addresses(doc.Hubs),
	}
}

// Tag names bytes: the ETag of a page without quotes.
func Tag(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

func (p *Page) tag() string {
	if p.Tag != "" {
		return p.Tag
	}
	return Tag(p.Body)
}

// served is a page with everything that a request could ask of it, made once.
// Its slices are shared by all answers and never written to.
type served struct {
	page   Page
	status int // 200, 301 or 410
	tag    string
	// modified is the whole second by which the bytes were there. Within the
	// second before it other bytes may have had that date, so until then the page
	// is young.
	modified time.Time
	young    *served
	now      func() time.Time // nil is time.Now
	// doubtful pages are dated so that a reader which has only the date may hold
	// other bytes.
	doubtful bool
	gzip     []byte // nil where it saves nothing

	// Headers, whole, for each answer. A 304 says no more than what a cache has
	// to know (RFC 9110 section 15.4.5): each line costs, and most answers are 304.
	brief          []field // of 301, 304 and 410
	plain, zipped  []field // of 200
	modifiedHeader string
}

type field struct {
	name   string
	values []string
}

// newServed makes p ready; old is what the path answered before, or nil.
func newServed(p Page, old *served, now time.Time) (*served, error) {
	s := &served{page: p, status: http.StatusOK}
	switch {
	case p.MovedTo != "":
		s.status = http.StatusMovedPermanently
	case p.Gone:
		s.status = http.StatusGone
	}
	if s.status != http.StatusOK {
		s.brief = []field{{"Cache-Control", []string{cacheControl(p.MaxAge)}}, {"Access-Control-Allow-Origin", anyone}}
		return s, nil
	}
	s.date(old, now)
	if old != nil && bytes.Equal(old.page.Body, p.Body) {
		s.tag, s.gzip = old.tag, old.gzip
	} else {
		s.tag = p.tag()
		zipped, err := compress(p.Body)
		if err != nil {
			return nil, err
		}
		s.gzip = zipped
	}
	s.headers()
	if s.modified.After(now) {
		young := *s
		young.modified, young.doubtful = s.modified.Add(-time.Second), true
		young.headers()
		s.young = &young
	}
	return s, nil
}

// current is the page as it is now: a date that has not come yet is not shown
// (RFC 9110 section 8.8.2.1).
func (s *served) current() *served {
	if s.young == nil {
		return s
	}
	now := time.Now
	if s.now != nil {
		now = s.now
	}
	if now().Before(s.modified) {
		return s.young
	}
	return s
}

// date finds the Last-Modified date: it moves with the bytes, and never back. It
// is the end of the second in which they changed and comes of the file alone, so
// that it stays through a restart, and bytes that were replaced within that
// second never had it.
func (s *served) date(old *served, now time.Time) {
	changed := s.page.Changed
	if changed.IsZero() || changed.After(now) {
		changed = now
	}
	s.modified = wholeSecond(changed)
	if old == nil || old.modified.IsZero() {
		return
	}
	if bytes.Equal(old.page.Body, s.page.Body) {
		s.modified = old.modified
		return
	}
	next := old.modified
	// A date of this second was told to nobody yet; one further ahead was, before
	// the clock was set back.
	if ahead := next.Sub(now); ahead <= 0 || ahead > time.Second {
		next = next.Add(time.Second)
	}
	if s.modified.Before(next) {
		s.modified = next
	}
}

// wholeSecond is the instant, or the end of the second in which it lies.
func wholeSecond(t time.Time) time.Time {
	return t.Add(time.Second - 1).UTC().Truncate(time.Second)
}

func (s *served) headers() {
	s.modifiedHeader = s.modified.Format(http.TimeFormat)
	s.brief = []field{
		{"Cache-Control", []string{cacheControl(s.page.MaxAge)}},
		{"Etag", []string{`W/"` + s.tag + `"`}}, // weak: one tag for all encodings
		{"Last-Modified", []string{s.modifiedHeader}},
		{"Vary", []string{"Accept-Encoding"}},
		{"Access-Control-Allow-Origin", anyone},
	}
	full := append(slices.Clip(s.brief),
		field{"Access-Control-Expose-Headers", []string{"ETag, Link"}},
		field{"X-Content-Type-Options", []string{"nosniff"}},
		field{"Content-Type", []string{s.page.Type}})
	if links := s.links(); links != "" {
		full = append(full, field{"Link", []string{links}})
	}
	s.plain = append(slices.Clip(full), field{"Content-Length", []string{strconv.Itoa(len(s.page.Body))}})
	s.zipped = append(slices.Clip(full), field{"Content-Length", []string{strconv.Itoa(len(s.gzip))}}, field{"Content-Encoding", []string{"gzip"}})
}

// links is the value of the Link header (RFC 8288): by it hubs and readers know
// the topic and where to subscribe (WebSub section 4).
func (s *served) links() string {
	var links []string
	if s.page.Self != "" {
		links = append(links, "<"+s.page.Self+`>; rel="self"`)
	}
	for _, h := range s.page.Hubs {
		links = append(links, "<"+h+`>; rel="hub"`)
	}
	return strings.Join(links, ", ")
}

// same tells whether p would be answered as s is.
func (s *served) same(p Page) bool {
	q := s.page
	return q.Type == p.Type && q.MaxAge == p.MaxAge && q.Self == p.Self && slices.Equal(q.Hubs, p.Hubs) &&
		q.Gone == p.Gone && q.MovedTo == p.MovedTo && bytes.Equal(q.Body, p.Body)
}

func cacheControl(age time.Duration) string {
	return "public, max-age=" + strconv.FormatInt(int64(max(age, 0)/time.Second), 10)
}

func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("feed server: gzip: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return nil, fmt.Errorf("feed server: gzip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("feed server: gzip: %w", err)
	}
	if b.Len() >= len(data) {
		return nil, nil
	}
	return b.Bytes(), nil
}
