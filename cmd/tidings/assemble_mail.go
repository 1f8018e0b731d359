package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/internal/config"
	"tidings.example/internal/locale"
	"tidings.example/mailer"
	"tidings.example/posts"
)

// mail is what letters need.
type mail struct {
	publication mailer.Publication
	digests     []mailer.Digest
	composer    *mailer.Composer
	links       *mailer.SignedLinks
	engine      *mailer.Engine
	signup      *mailer.Signup
	returns     *mailer.ReturnPaths // nil where letters come back to their From
}

// newMail puts together what letters need.
func (p *program) newMail(ctx context.Context) error {
	var err error
	if p.mail.composer, err = newComposer(p.config); err != nil {
		return p.mistake("mail.templates", err.Error())
	}
	if p.mail.digests, err = p.digests(); err != nil {
		return err
	}
	keys, err := p.db.Keys(ctx, "token", p.sh.now())
	if err != nil {
		return err
	}
	tokens, err := mailer.NewTokens(keys)
	if err != nil {
		return err
	}
	c := p.config.Mail
	p.mail.publication = mailer.Publication{Title: p.site.Title, URL: p.site.URL, WebURL: p.webURL(), Postal: c.Postal,
		Feeds: []string{p.feeds.URL + feed.RSS.FileName()}, Contact: cmp.Or(c.ReplyTo, c.From)}
	p.mail.links = &mailer.SignedLinks{Base: p.webURL(), Tokens: tokens}
	p.mail.engine = &mailer.Engine{Publication: p.mail.publication, Digests: p.mail.digests, Renderer: p.mail.composer,
		Calendar: p.db, Shelf: p.db, Press: p.db, Draw: p.draw}
	p.mail.signup = &mailer.Signup{Publication: p.mail.publication, Digests: p.mail.digests, Renderer: p.mail.composer, Enrolment: p.db, Links: p.mail.links}
	if c.Unsubscribe != "" {
		p.mail.engine.Unsubscribe, p.mail.engine.Separator = func(string) string { return c.Unsubscribe }, p.config.Bounce.Separator
	}
	return p.newReturnPaths(ctx)
}

// draw renders bodies that letters are about to show.
func (p *program) draw(ctx context.Context, ids []string) error {
	return p.publisher(false).Draw(ctx, ids)
}

// newComposer reads the owner's templates, where there are any.
func newComposer(c *config.Config) (*mailer.Composer, error) {
	var own fs.FS
	if c.Mail.Templates != "" {
		if info, err := os.Stat(c.Mail.Templates); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, fmt.Errorf("%s is a file: name the folder that it is in", c.Mail.Templates)
		}
		own = os.DirFS(c.Mail.Templates)
	}
	return mailer.NewComposer(own)
}

// digests are the configured newsletters.
func (p *program) digests() ([]mailer.Digest, error) {
	var out []mailer.Digest
	for _, c := range p.config.Digests {
		at, err := time.Parse("15:04", c.At)
		if err != nil {
			return nil, err
		}
		zone := p.zone
		if c.TimeZone != "" {
			if zone, err = time.LoadLocation(c.TimeZone); err != nil {
				return nil, err
			}
		}
		d := mailer.Digest{
			Name: c.Name, Title: cmp.Or(c.Title, p.site.Title), Description: c.Description,
			Language: locale.Match(cmp.Or(c.Language, p.site.Language)),
			Select:   posts.Selection{Tags: c.Tags, Categories: c.Categories, Languages: c.Languages},
			Zone:     zone, Hour: at.Hour(), Minute: at.Minute(), Weekday: weekday(c.Weekday), Day: c.Day,
			From: cmp.Or(c.From, p.config.Mail.From), ReplyTo: cmp.Or(c.ReplyTo, p.config.Mail.ReplyTo),
			ListID: cmp.Or(c.ListID, c.Name+"."+p.mailDomain()), MaxLateness: time.Duration(c.MaxLateness),
		}
		for _, cadence := range c.Cadences {
			d.Cadences = append(d.Cadences, mailer.Cadence(cadence))
		}
		out = append(out, d)
	}
	return out, nil
}

// digest finds a newsletter by its name; "" is the only one there is.
func (p *program) digest(name string) (*mailer.Digest, error) {
	names := []string{}
	for i := range p.mail.digests {
		d := &p.mail.digests[i]
		if d.Name == name || name == "" && len(p.mail.digests) == 1 {
			return d, nil
		}
		names = append(names, d.Name)
	}
	switch {
	case len(names) == 0:
		return nil, usagef("no newsletter: add a [[digest]] to %s", p.config.File)
	case name == "":
		return nil, usagef("which newsletter? Use --digest with one of %s", strings.Join(names, ", "))
	}
	return nil, usagef("no newsletter %q: there is %s", name, strings.Join(names, ", "))
}

func weekday(name string) time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), name) {
			return d
		}
	}
	return time.Monday
}

// mailDomain is the right side of Message-IDs and List-Ids.
func (p *program) mailDomain() string {
	if _, domain, ok := strings.Cut(bare(p.config.Mail.From), "@"); ok {
		return domain
	}
	u, err := url.Parse(p.site.URL)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return "localhost.localdomain"
	}
	return u.Hostname()
}

// bare is the address of a mailbox without its name.
func bare(mailbox string) string {
	a, err := netmail.ParseAddress(mailbox)
	if err != nil {
		return ""
	}
	return a.Address
}

// dispatcher sends what the outbox holds. settled is called when an issue may be
// finished; it may be nil.
func (p *program) dispatcher(settled func()) (*mailer.Dispatcher, error) {
	servers, err := p.servers()
	if err != nil {
		return nil, err
	}
	c := p.config.Mail
	var returns mailer.ReturnPath
	if p.mail.returns != nil {
		returns = p.mail.returns
	}
	var d *mailer.Dispatcher
	d = mailer.NewDispatcher(mailer.DispatcherConfig{
		Outbox: p.db, Servers: servers, Book: p.db, Recent: p.recent, Links: p.mail.links, ReturnPath: returns, Signer: p.signer(), Clock: p.sh.now,
		Sender: bare(c.From), Domain: p.mailDomain(), Hold: c.InDoubt == "hold", Log: p.log,
		Settled: settled,
		Alarm:   func(ctx context.Context, _ mailer.Alarm) { p.alarm(ctx, d) },
	})
	return d, nil
}

// sendTest sends a sample of the next letter to one address, outside of the
// ledger: it is nobody's issue.
func (p *program) sendTest(ctx context.Context, d *mailer.Digest, to string) error {
	address, err := mailer.ParseAddress(to)
	if err != nil {
		return usagef("--test: %v", err)
	}
	letter, err := p.sample(ctx, d, address.Mailed)
	if err != nil {
		return err
	}
	conn, reply, err := p.connect(ctx)
	if err != nil {
		return err
	}
	if conn != nil {
		defer conn.Close()
		reply = conn.Send(ctx, mailer.Envelope{From: bare(d.From), To: address.Mailed, MessageID: letter.id, Date: p.sh.now()}, letter.bytes)
	}
	if reply.Class() != mailer.Accepted {
		return fmt.Errorf("send to %s: %s", to, reply)
	}
	if p.sh.args.JSON {
		return p.sh.printJSON(map[string]string{"digest": d.Name, "address": address.Mailed, "message_id": letter.id})
	}
	p.sh.printf("sent a sample of %s to %s\n", d.Name, address.Mailed)
	return nil
}

// sampled is a letter that belongs to no issue.
type sampled struct {
	id    string
	bytes []byte
}

// sample makes the letter that a reader of the digest would get next.
func (p *program) sample(ctx context.Context, d *mailer.Digest, to string) (sampled, error) {
	served, err := p.db.LastCut(ctx, d.Name)
	if err != nil {
		return sampled{}, err
	}
	edition, err := p.mail.engine.Preview(ctx, d.Name, served, p.sh.now())
	if err != nil {
		return sampled{}, err
	}
	template, err := p.mail.composer.Digest(edition)
	if err != nil {
		return sampled{}, err
	}
	s := sampled{id: "test." + strings.ToLower(rand.Text()) + "@" + p.mailDomain()}
	text, err := template.Letter(mailer.Personal{To: to, MessageID: s.id, Date: p.sh.now(), Unsubscribe: p.mail.links.Unsubscribe(0, d.Name), Leave: p.mail.links.LeaveToken(0, d.Name)})
	if err != nil {
		return s, err
	}
	fields, err := p.signer().Sign(ctx, mailer.Letter{}, p.sh.now(), text)
	s.bytes = append(fields, text...)
	return s, err
}
