package mailer

import (
	"errors"
	"fmt"

	"tidings.example/internal/locale"
)

// Notice is one letter to one person outside an issue, before rendering. It
// has no place for anything typed into a sign-up form.
type Notice struct {
	Kind NoticeKind
	// Language of the words, "en" or "zh-CN".
	Language    string
	Publication Publication
	// Digest is the title of the newsletter; "" means the publication's.
	Digest string
	// From and ReplyTo are RFC 5322 mailboxes; ReplyTo may be "".
	From, ReplyTo string
	// Link is where the button leads, absolute; a letter without one has no
	// button. Confirmation and AddressChange need it.
	Link string
	// Cause is the subject of an Alert, one line; "" means ours.
	Cause string
	// Text is what an Alert reports: plain text of any number of lines.
	Text string
}

// noticeView is what notice.html and notice.txt are made of.
type noticeView struct {
	voice
	Lang, Dir, Align          string
	Subject, Preheader, Title string
	SiteName, SiteURL, Digest string
	Text, Detail              string
	Button, Link, After, Why  string
	Postal                    []string
}

func (n Notice) check() error {
	switch n.Kind {
	case Confirmation, AddressChange:
		if n.Link == "" {
			return errors.New("no link to confirm")
		}
	case Welcome, Goodbye, Alert:
	default:
		return errors.New("unknown kind")
	}
	if n.Link != "" {
		if err := checkURL(n.Link); err != nil {
			return fmt.Errorf("link: %w", err)
		}
	}
	if _, err := mailbox(n.From); err != nil {
		return fmt.Errorf("from: %w", err)
	}
	return nil
}

func newNoticeView(n Notice) *noticeView {
	l := locale.For(n.Language)
	key := "notice." + string(n.Kind) + "."
	v := &noticeView{
		voice: voice{l}, Lang: l.Tag(), Dir: "ltr", Align: "left",
		SiteName: oneLine(n.Publication.Title), SiteURL: webURL(n.Publication.URL), Digest: oneLine(n.Digest),
		Title: l.T(key + "title"), Button: l.T(key + "button"), After: l.T(key + "after"),
		Link: n.Link, Why: l.T("notice.why"), Postal: lines(n.Publication.Postal),
	}
	if v.Digest == "" {
		v.Digest = v.SiteName
	}
	room := maxSubject - width(l.T(key+"subject", ""))
	v.Subject = l.T(key+"subject", shorten(v.Digest, room))
	v.Text = l.T(key+"text", v.Digest, v.SiteName)
	if n.Kind == Alert {
		v.Why = l.T("notice.why_alert", v.SiteName)
		v.Detail, _ = cutCode(n.Text, maxCodeLines)
		if cause := oneLine(n.Cause); cause != "" {
			v.Subject, v.Title = shorten(cause, maxSubject), shorten(cause, maxTitle)
		}
	}
	v.Preheader = v.Text
	return v
}
