package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	// plainStatus is a code of RFC 3463 at the head of a field.
	plainStatus = regexp.MustCompile(`^\s*([245]\.\d{1,3}\.\d{1,3})(?:$|[^\d.])`)
	// saidStatus is one within a reply: behind its code, or marked with a #.
	saidStatus = regexp.MustCompile(`(?:(?:^|[^\d.])[45]\d\d[ \-#]*|#)([45]\.\d{1,3}\.\d{1,3})(?:$|[^\d.])`)
	// someStatus stands anywhere.
	someStatus = regexp.MustCompile(`(?:^|[\s(<\[#:])([45]\.\d{1,2}\.\d{1,3})(?:$|[\s)>\],;:])`)
	// saidCode is the code of a reply.
	saidCode = regexp.MustCompile(`(?:^|[\s:#<>(\]])([45][0-5]\d)(?:[\s:#\-]|$)`)
)

func status(text string) string { return found(plainStatus, text) }

// general tells whether a status says nothing in particular.
func general(status string) bool {
	return status == "" || status[0] != '2' && (strings.HasSuffix(status, ".0.0") || strings.HasSuffix(status, ".5.0"))
}

func replyCode(text string) int {
	n, err := strconv.Atoi(found(saidCode, text))
	if err != nil {
		return 0
	}
	return n
}

func found(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// explain finds a status in what a server said: the code it gives, else the one
// that its words stand for.
func (r *Recipient) explain(said string) (status string) {
	r.Code = replyCode(said)
	if s := found(saidStatus, said); !general(s) {
		r.Status = s
	} else if s := found(someStatus, said); !general(s) {
		r.Status = s
	} else if s := meaning(said); s != "" {
		if r.Code/100 == 4 { // only for now
			s = "4" + s[1:]
		}
		r.Status = s
	} else if general(r.Status) {
		r.Status = ""
	}
	if r.Text == "" {
		r.Text = cut(oneLine(said), maxText)
	}
	r.mend()
	return r.Status
}

// mend corrects what is known to be said wrongly: a mailbox that gets mail too
// fast does exist (Gmail says 5.2.1 for both).
func (r *Recipient) mend() {
	if r.Status == "5.2.1" && fast.MatchString(r.Text) {
		r.Status = "4.2.1"
	}
}

var fast = regexp.MustCompile(`(?i)receiving mail (?:at a rate|too quickly)`)

// phrases are the words of servers that give no status, the clearest first:
// what a server says of the sender outweighs what it says of the mailbox.
var phrases = []struct {
	status string
	words  *regexp.Regexp
}{
	{"4.2.2", oneOf(`mailbox (?:is )?full`, `mailfolder is full`, `over ?quota`, `quota (?:exceeded|exhausted)`, `exceed(?:ed|s|ing)? (?:the |its |his |their )?(?:\w+ )?quota`, `out of (?:storage )?space`, `inbox is full`, `not enough (?:storage|disk) space`,
		`insufficient (?:system|disk|mailbox) (?:storage|space)`, `邮箱(?:已|空间)?满`, `空间不足`, `容量不足`, `邮箱空间已满`, `超出.{0,6}配额`)},
	{"5.7.1", oneOf(`spam`, `blocked (?:by|using|for|due)`, `black ?list`, `block ?list`, `poor reputation`, `low reputation`, `not authori[sz]ed`, `unauthenticated`, `dmarc`, `\bdkim\b`, `\bspf\b`, `policy`, `prohibited`,
		`access denied`, `relay(?:ing)? (?:access )?denied`, `unable to relay`, `relaying not (?:allowed|permitted)`, `content (?:rejected|is not)`, `message (?:was )?(?:rejected|refused)`, `virus`, `too many (?:messages|connections|recipients|emails)`, `frequency`, `rate ?limit`,
		`service refused`, `垃圾邮件`, `拒收`, `拒绝接收`, `频率`, `发信过于频繁`, `黑名单`, `禁止`, `内容.{0,8}(?:违规|非法|涉嫌)`)},
	{"5.1.2", oneOf(`(?:host|domain)(?: or domain name)? (?:name )?(?:not found|unknown|does(?:n't| not) exist)`, `unknown (?:host|domain)`, `no such (?:host|domain)`, `unrouteable (?:mail )?domain`, `couldn't find any host`, `nxdomain`, `domain .{0,60} couldn't be found`, `域名(?:不存在|无法解析|错误)`)},
	{"5.1.1", oneOf(`user (?:is )?unknown`, `unknown (?:user|recipient|local[- ]part|address|mailbox)`, `no such (?:user|recipient|person|mailbox|address|account)`, `(?:user|recipient|mailbox|account|address)(?: \S+)? (?:was |could )?not (?:be )?found`, `(?:user|recipient|mailbox|account|email account|e-mail account|address)(?: that you tried to reach)?(?: \S+)? (?:does not|doesn't|does not) exist`,
		`address (?:couldn't|could not) be found`, `(?:isn't|wasn't) found at`, `no mailbox here`, `not a valid (?:user|recipient|mailbox|address)`, `invalid (?:recipient|mailbox|user|address)`, `unrouteable address`, `not listed in`, `recipnotfound`, `recipientnotfound`, `doesn't have an? \S+ account`,
		`recipient address rejected: (?:user|undeliverable|unverified)`, `is not a known user`, `mailbox unavailable`, `mailbox not found`, `user not found`, `user no(?:t)? exist`, `no user`, `(?:地址|用户|帐号|账号|邮箱|收件人)[^\n]{0,60}不存在`, `找不到(?:地址|收件人|用户)`, `无此用户`, `用户不存在`, `未找到(?:该)?(?:用户|收件人|地址)`)},
	{"5.2.1", oneOf(`(?:account|mailbox|user)(?: \S+)? (?:is |has been )?(?:disabled|inactive|suspended|deactivated|closed|locked|expired|discontinued)`, `(?:帐号|账号|邮箱|用户)[^\n]{0,20}(?:冻结|停用|禁用|注销|失效)`)},
	{"4.4.7", oneOf(`retry time(?:out)? (?:not reached|exceeded)`, `(?:time|timed) ?out`, `could not be delivered (?:for|within)`, `message expired`, `too long in (?:the )?queue`, `delivery (?:time )?expired`, `connection (?:refused|timed out)`, `网络超时`, `连接超时`, `无法连接`)},
}

// oneOf matches one of several patterns, whatever their capitals.
func oneOf(patterns ...string) *regexp.Regexp {
	return regexp.MustCompile("(?i)(?:" + strings.Join(patterns, "|") + ")")
}

// meaning is the status that the words of a server stand for, or "".
func meaning(said string) string {
	said = cut(said, maxAnalysed)
	for _, p := range phrases {
		if p.words.MatchString(said) {
			return p.status
		}
	}
	return ""
}
