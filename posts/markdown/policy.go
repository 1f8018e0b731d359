package markdown

import (
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// policy decides which elements and attributes may stand in a feed. It is asked
// about one start tag at a time, so that the tree around it stays one tree and
// Markdown's own output need not be parsed again.
type policy struct {
	blue *bluemonday.Policy
	bare map[string]bool // elements that may stand without attributes
}

var feedPolicy = sync.OnceValue(newFeedPolicy)

// plainElements may stand with no attribute at all.
var plainElements = strings.Fields(`abbr address article aside b bdi bdo blockquote br caption center cite code col
colgroup dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i ins kbd li main
mark ol p picture pre q rb rp rt rtc ruby s samp section small span strike strong sub summary sup table tbody td tfoot
th thead time tr tt u ul var video audio wbr`)

func newFeedPolicy() *policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(plainElements...)
	p.AllowNoAttrs().OnElements(plainElements...)
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes(schemes...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("cite").OnElements("blockquote", "q", "del", "ins")
	p.AllowAttrs("src").OnElements("img", "video", "audio", "source", "track")
	p.AllowAttrs("srcset", "sizes").OnElements("img", "source")
	p.AllowAttrs("poster").OnElements("video")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z0-9-]{1,35}$`)).Globally()
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`(?i)^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[^\s"'<>&]+$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6", "li", "sup")
	size := regexp.MustCompile(`^[0-9]{1,5}%?$`)
	p.AllowAttrs("width", "height").Matching(size).OnElements("img", "video", "source", "table", "td", "th", "col")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`(?i)^(left|right|center|justify)$`)).OnElements("td", "th", "tr", "table", "col", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "img")
	p.AllowAttrs("colspan", "rowspan", "start", "value", "span").Matching(regexp.MustCompile(`^-?[0-9]{1,5}$`)).OnElements("td", "th", "ol", "li", "col", "colgroup")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(row|col)(group)?$`)).OnElements("td", "th")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^([1aAiI]|(video|audio|image)/[\w.+-]+(;\s?codecs="?[\w., -]+"?)?)$`)).OnElements("ol", "source")
	p.AllowAttrs("reversed").OnElements("ol")
	p.AllowAttrs("open").OnElements("details")
	p.AllowAttrs("controls", "loop", "muted", "playsinline").OnElements("video", "audio")
	p.AllowAttrs("preload").Matching(regexp.MustCompile(`^(none|metadata|auto)$`)).OnElements("video", "audio")
	p.AllowAttrs("kind", "srclang", "label").OnElements("track")
	p.AllowAttrs("media").OnElements("source")
	p.AllowAttrs("datetime").OnElements("time", "del", "ins")
	p.AllowAttrs("style").Matching(ownStyle).OnElements("pre", "span")
	bare := make(map[string]bool, 128)
	for _, name := range plainElements {
		bare[name] = p.Sanitize("<"+name+">") != ""
	}
	return &policy{blue: p, bare: bare}
}

// verdict is what the policy said of a start tag.
type verdict struct {
	attrs []html.Attribute
	ok    bool
}

// judge asks the policy once about each start tag of a body: most come again.
type judge struct {
	policy *policy
	said   map[string]verdict
}

func newJudge() *judge { return &judge{policy: feedPolicy(), said: map[string]verdict{}} }

func (j *judge) start(name string, attrs []html.Attribute) ([]html.Attribute, bool) {
	if len(attrs) == 0 {
		return nil, j.policy.bare[name]
	}
	tag := html.Token{Type: html.StartTagToken, Data: name, Attr: attrs}.String()
	v, known := j.said[tag]
	if !known {
		v.attrs, v.ok = j.policy.start(name, tag)
		j.said[tag] = v
	}
	return v.attrs, v.ok
}

// start returns the attributes that an element may keep, given its start tag;
// ok is false where the element itself must go.
func (p *policy) start(name, tag string) ([]html.Attribute, bool) {
	z := html.NewTokenizer(strings.NewReader(p.blue.Sanitize(tag)))
	if z.Next() != html.StartTagToken {
		return nil, false
	}
	token := z.Token()
	return token.Attr, token.Data == name
}
