package bounce

import (
	"regexp"
	"slices"
	"strings"
)

// daemons are the mailboxes that servers write from.
var daemons = regexp.MustCompile(`(?i)^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon|mail\.?delivery|no-?reply-?postmaster|microsoftexchange[0-9a-z]*|bounce|bounces|mailadmin|system)[^@]*@`)

// openings begin the texts of bounces; whoever writes them is a mail server,
// whatever its address.
var openings = oneOf(
	`^\s*hi\. this is the`, // QSBMF
	`^\s*this is the mail (?:system|delivery program|delivery agent)`,
	`this message was created automatically by mail delivery software`,
	`this is (?:the|an? automatically generated) (?:delivery status notification|delivery failure|postfix program)`,
	`a message that you (?:have )?sent (?:could not be|was not|has not been) delivered`,
	`^\s*-+ the following addresses had (?:permanent fatal|delivery|transient)`,
	`^\s*the original message was received at`,
	`your message did not reach some or all of the intended recipients`,
	`delivery has failed to these recipients or (?:distribution lists|groups)`,
	`delivery to the following recipients? (?:has )?(?:been )?(?:failed|delayed)`,
	`we were unable to deliver your message to the following address`,
	`\*\* (?:address not found|message (?:blocked|not delivered)|delivery incomplete) \*\*`,
	`您的邮件(?:被退回|未能?(?:成功)?(?:投递|送达|发送))`, `(?:未能|无法)(?:向以下收件人|将您的邮件)`, `退信原因`, `抱歉，您的邮件`, `系统无法将您的邮件`,
)

// subjects name bounces where a mail daemon writes.
var subjects = oneOf(`undeliver(?:ed|able)`, `delivery (?:status notification|failure|failed|problem|report|delayed|incomplete)`, `fail(?:ed|ure) (?:notice|delivery|notification)`, `failure notice`, `mail delivery (?:failed|failure|system|subsystem|error)`, `returned mail`,
	`returned to sender`, `non ?delivery`, `could not be delivered`, `message (?:delayed|undeliverable|status)`, `warning: (?:could not send|message)`, `delayed mail`, `permanent error`, `unzustellbar`,
	`退信`, `系统退回`, `未送达`, `投递失败`, `无法送达`, `未能送达`, `传递失败`, `邮件被退回`, `发送失败`, `邮件延迟`)

// delays say that the letter is still being tried.
var delays = oneOf(`this is a warning message only`, `you do not need to resend`, `no action is required on your part`, `will (?:be retried|continue to (?:try|be attempted)|retry|keep trying)`, `is still being (?:tried|retried)`, `has not yet been delivered`, `delivery (?:attempts )?will continue`,
	`delivery incomplete`, `delivery status notification \(delay\)`, `message .{0,40} delayed`, `仍将继续(?:尝试|投递)`, `会继续尝试`, `稍后重试`)

// plain reads the bounces that servers write for people.
func (m *message) plain(rep *Report) bool {
	failed := with(nil, addresses(m.top.header.get("X-Failed-Recipients"), maxPlain)...)
	_, text, _ := cutOriginal(m.text)
	text = cut(text, maxAnalysed)
	named := daemons.MatchString(rep.From) && subjects.MatchString(rep.Subject)
	if len(failed) == 0 && !named && !openings.MatchString(text) {
		return false
	}
	if len(failed) == 0 && !daemons.MatchString(rep.From) && !m.nullSender() {
		return false // somebody forwards or quotes a bounce
	}
	if len(failed) == 0 {
		failed = recipients(text)
	}
	action := Failed
	if delays.MatchString(text) || delays.MatchString(rep.Subject) {
		action = Delayed
	}
	if len(failed) == 0 {
		failed = []string{""}
	}
	var whole Recipient
	whole.explain(text)
	whole.Text = reason(text)
	for _, a := range failed {
		r := whole
		if said := about(text, a, failed); said != text {
			if r = (Recipient{}); general(r.explain(said)) {
				r = whole // the reason stands before the addresses
			} else {
				r.Text = reason(said)
			}
		}
		r.Address, r.Action = a, action
		rep.Recipients = append(rep.Recipients, r)
	}
	rep.Kind = Delivery
	return true
}

// maxPlain is how many recipients a text is searched for.
const maxPlain = 20

// nullSender tells that nobody waits for an answer to the message.
func (m *message) nullSender() bool {
	path := m.top.header.all("Return-Path")
	return len(path) > 0 && strings.TrimSpace(path[0]) == "<>"
}

// lines that name a recipient: an address alone, in brackets, behind a label.
var naming = regexp.MustCompile(`(?im)^[ \t>*'"-]*(?:(?:to|recipient|for|address|收件人|收件地址)\s*[:：][ \t]*)?(?:[^\n<>@]{0,40}?[\s<'"(（:：])?([^\s<>"'(),:;\[\]\\@（）：，]+@[\p{L}\p{N}][\p{L}\p{N}.-]*[\p{L}\p{N}])[>'")）]?[ \t]*(?:$|[:：]|\(|（|\.{0,3}[ \t]*$| on \d)`)

// recipients are the addresses that a text names as such.
func recipients(text string) (found []string) {
	for _, m := range naming.FindAllStringSubmatch(text, maxPlain) {
		if !slices.Contains(found, m[1]) && !daemons.MatchString(m[1]) {
			found = append(found, m[1])
		}
	}
	return found
}

// about is the part of a text that tells of one of several recipients: from its
// address to the next one's.
func about(text, address string, all []string) string {
	at := strings.Index(text, address)
	if len(all) < 2 || address == "" || at < 0 {
		return text
	}
	rest := text[at+len(address):]
	end := len(rest)
	for _, other := range all {
		if i := strings.Index(rest, other); other != address && i >= 0 && !strings.Contains(other, address) {
			end = min(end, i)
		}
	}
	return cut(rest[:end], maxAbout)
}

// maxAbout is how much a text has to say of one recipient of several.
const maxAbout = 4 << 10

// replies are the lines that have what a server said, the clearest first.
var replies = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^.*(?:\b[45]\d\d[ :-]|#[45]\.\d).*$`),
	regexp.MustCompile(`(?m)^.*(?:退信原因\s*[:：]\s*.*|because:\s*.*|said:.*)$`),
}

// reason shortens a text to the line that says why.
func reason(said string) string {
	for _, line := range replies {
		if found := line.FindString(said); found != "" {
			said = found
			break
		}
	}
	return cut(strings.Trim(oneLine(said), "<>:： "), maxText)
}
