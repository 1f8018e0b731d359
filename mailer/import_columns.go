package mailer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// columns says where a list keeps what, -1 for nowhere.
type columns struct {
	email, name, first, last, language, attributes int
	// status are the columns that say whether somebody may be mailed.
	status []statusColumn
	// whole says that the list as such is one of people who must not be mailed.
	whole Reason
	note  int
	// own says that tidings wrote the list; reason is the column of its
	// suppressions, -1 in any other list.
	own    bool
	reason int
}

// statusColumn is a column and how its cells are read.
type statusColumn struct {
	index int
	name  string
	// yes and no are what a boolean says; both are "" for a column of words.
	yes, no standing
}

// standing is what a list says of somebody.
type standing string

const (
	mayBeMailed  standing = "active"
	notConfirmed standing = "pending"
	mustNot      standing = "suppress:" // and a Reason
)

func suppressAs(r Reason) standing { return mustNot + standing(r) }

// emailNames are the headers of the address column, folded.
var emailNames = []string{"email", "emailaddress", "mail", "mailaddress", "subscriberemail", "useremail", "emailadresse", "adresseemail", "correoelectronico", "correo",
	"邮箱", "邮箱地址", "电子邮箱", "电子邮件", "邮件", "邮件地址", "電子郵件", "郵箱", "メールアドレス"}

// foldHeader makes headers and states comparable: letters and digits, lower case.
func foldHeader(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// folded are the headers of a list, folded.
type folded []string

func foldHeaders(header []string) folded {
	f := make(folded, len(header))
	for i, h := range header {
		f[i] = foldHeader(h)
	}
	return f
}

// at is the column that has one of the names, the first that does; -1 for none.
func (f folded) at(names ...string) int {
	for _, n := range names {
		if i := slices.Index(f, n); i >= 0 {
			return i
		}
	}
	return -1
}

// findColumns reads a header. It is nil for a line that is no header but
// addresses.
func findColumns(header []string) (*columns, error) {
	folded := foldHeaders(header)
	at := folded.at
	c := &columns{
		email: at(emailNames...), name: at("name", "fullname", "姓名", "名字", "昵称"), first: at("firstname"), last: at("lastname"),
		language: at("language", "lang", "locale"), attributes: at("attributes"), note: -1, reason: -1,
		own: slices.Equal(header, exportHeader) || slices.Equal(header, suppressionsHeader),
	}
	if slices.Equal(header, suppressionsHeader) {
		c.reason, c.note = at("reason"), at("note")
		return c, nil
	}
	if c.email < 0 {
		for _, h := range header {
			for _, part := range splitAddresses(h) {
				var row ImportRow
				if row.take(part); row.Problem == "" {
					return nil, nil
				}
			}
		}
		return nil, fmt.Errorf("no e-mail column: the first line has %s; name the column with the addresses \"email\"", quoteAll(header))
	}
	c.findStatus(header, folded)
	return c, nil
}

// findStatus finds what other programs write of how somebody stands.
func (c *columns) findStatus(header []string, folded folded) {
	for i, f := range folded {
		if s, known := statusColumns[f]; known {
			s.index, s.name = i, header[i]
			c.status = append(c.status, s)
		}
	}
	if i := folded.at("type"); i >= 0 && folded.at("emailaddress") >= 0 {
		c.status = append(c.status, statusColumn{index: i, name: header[i]}) // Buttondown
	}
	switch {
	case folded.at("unsubtime") >= 0: // Mailchimp writes people who left into a file of their own
		c.whole, c.note = SuppressedUnsubscribed, folded.at("unsubreason")
	case folded.at("cleantime") >= 0:
		c.whole = SuppressedBounced
	}
}

// statusColumns are the columns of other programs that say who may be mailed.
var statusColumns = map[string]statusColumn{
	"status":             {},
	"state":              {},
	"globalstatus":       {}, // MailPoet
	"subscriptionstatus": {},
	"emailstatus":        {},
	"memberstatus":       {},
	"状态":                 {},
	"emaildisabled":      {yes: suppressAs(SuppressedUnsubscribed), no: mayBeMailed}, // Substack
	"subscribedtoemails": {yes: mayBeMailed, no: suppressAs(SuppressedUnsubscribed)}, // Ghost
	"subscribed":         {yes: mayBeMailed, no: suppressAs(SuppressedUnsubscribed)},
	"unsubscribed":       {yes: suppressAs(SuppressedUnsubscribed), no: mayBeMailed},
	"optedout":           {yes: suppressAs(SuppressedUnsubscribed), no: mayBeMailed},
	"confirmed":          {yes: mayBeMailed, no: notConfirmed},
	"bounced":            {yes: suppressAs(SuppressedBounced), no: mayBeMailed},
	"blocklisted":        {yes: suppressAs(SuppressedOperator), no: mayBeMailed},
	"deletedat":          {yes: suppressAs(SuppressedUnsubscribed), no: mayBeMailed}, // Ghost: any time
}

// states are the words for how somebody stands, folded.
var states = map[string]standing{
	"active": mayBeMailed, "enabled": mayBeMailed, "subscribed": mayBeMailed, "confirmed": mayBeMailed, "regular": mayBeMailed, "premium": mayBeMailed, "gifted": mayBeMailed, "已订阅": mayBeMailed,
	"pending": notConfirmed, "unconfirmed": notConfirmed, "unactivated": notConfirmed, "paused": notConfirmed, "未确认": notConfirmed,
	"unsubscribed": suppressAs(SuppressedUnsubscribed), "disabled": suppressAs(SuppressedUnsubscribed), "optedout": suppressAs(SuppressedUnsubscribed),
	"optout": suppressAs(SuppressedUnsubscribed), "removed": suppressAs(SuppressedUnsubscribed), "deleted": suppressAs(SuppressedUnsubscribed), "已退订": suppressAs(SuppressedUnsubscribed),
	"bounced": suppressAs(SuppressedBounced), "undeliverable": suppressAs(SuppressedBounced), "cleaned": suppressAs(SuppressedBounced), "hardbounced": suppressAs(SuppressedBounced), "invalid": suppressAs(SuppressedBounced),
	"complained": suppressAs(SuppressedComplained), "spam": suppressAs(SuppressedComplained), "abuse": suppressAs(SuppressedComplained), "spamcomplaint": suppressAs(SuppressedComplained),
	"blocklisted": suppressAs(SuppressedOperator), "blacklisted": suppressAs(SuppressedOperator), "blocked": suppressAs(SuppressedOperator),
	"suppressed": suppressAs(SuppressedOperator), "banned": suppressAs(SuppressedOperator), "spammy": suppressAs(SuppressedOperator), "malicious": suppressAs(SuppressedOperator),
}

// truths are the words for yes and no.
var truths = map[string]bool{"true": true, "yes": true, "1": true, "y": true, "是": true, "false": false, "no": false, "0": false, "n": false, "否": false}

// row reads one record.
func (c *columns) row(fields []string, line int) ImportRow {
	row := ImportRow{Line: line}
	email := c.cell(fields, c.email)
	if c.reason >= 0 {
		return c.suppression(row, fields)
	}
	row.Name = cleanName(c.cell(fields, c.name))
	if row.Name == "" {
		row.Name = cleanName(c.cell(fields, c.first) + " " + c.cell(fields, c.last))
	}
	row.Language = cleanTag(c.cell(fields, c.language))
	row.take(email)
	if row.Problem != "" {
		return row
	}
	c.attribute(&row, c.cell(fields, c.attributes))
	if c.whole != "" {
		row.Suppress, row.Note = c.whole, "in the list of another program"
		if note := c.cell(fields, c.note); strings.HasPrefix(strings.ToUpper(note), "ABUSE") || strings.HasPrefix(strings.ToUpper(note), "SPAM") {
			row.Suppress = SuppressedComplained
		}
		return row
	}
	for _, s := range c.status {
		c.judge(&row, s, c.cell(fields, s.index))
	}
	return row
}

func (c *columns) cell(fields []string, i int) string {
	if i < 0 || i >= len(fields) {
		return ""
	}
	if c.own {
		return restore(TrimAddress(fields[i]))
	}
	return TrimAddress(fields[i])
}

// suppression reads a record of tidings' own suppressions.
func (c *columns) suppression(row ImportRow, fields []string) ImportRow {
	reason := Reason(c.cell(fields, c.reason))
	switch reason {
	case SuppressedUnsubscribed, SuppressedBounced, SuppressedComplained, SuppressedOperator:
		row.Suppress, row.Note = reason, c.cell(fields, c.note)
		row.take(c.cell(fields, c.email))
	case SuppressedErased:
		row.Problem = "an erased person has no address in a list: the database and its backups keep them out, no list does"
	default:
		row.Problem = fmt.Sprintf("reason %q is not known: not suppressed", reason)
	}
	return row
}

// judge applies one status cell. What speaks against mailing somebody wins over
// what speaks for it; an empty cell says nothing.
func (c *columns) judge(row *ImportRow, s statusColumn, cell string) {
	if cell == "" || row.Suppress != "" || row.Problem != "" {
		return
	}
	verdict, known := states[foldHeader(cell)], true
	if s.yes != "" {
		var yes bool
		yes, known = truths[strings.ToLower(cell)]
		if foldHeader(s.name) == "deletedat" {
			yes, known = true, true
		}
		if verdict = s.no; yes {
			verdict = s.yes
		}
	}
	switch {
	case verdict == "" || !known:
		row.Problem = fmt.Sprintf("%s %q is not known: not subscribed", s.name, cell)
		row.Address = Address{}
	case verdict == notConfirmed:
		row.Pending = true
	case strings.HasPrefix(string(verdict), string(mustNot)):
		row.Suppress = Reason(strings.TrimPrefix(string(verdict), string(mustNot)))
		row.Note = fmt.Sprintf("%s was %q in a list", s.name, cell)
	}
}

// attribute takes the language out of listmonk's attributes.
func (c *columns) attribute(row *ImportRow, cell string) {
	if cell == "" || cell == "null" {
		return
	}
	var attributes map[string]any
	if err := json.Unmarshal([]byte(cell), &attributes); err != nil {
		row.Warning = "attributes are not JSON: taken without them"
		return
	}
	for _, key := range []string{"lang", "language", "locale"} {
		if tag, ok := attributes[key].(string); ok && row.Language == "" {
			row.Language = cleanTag(tag)
		}
	}
}

// cleanName folds a name to one line without control characters.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
	runes := []rune(strings.Join(strings.Fields(name), " "))
	return string(runes[:min(len(runes), 200)])
}

// cleanTag returns a language tag, or "" for what is none.
func cleanTag(tag string) string {
	tag = strings.ReplaceAll(strings.TrimSpace(tag), "_", "-")
	if len(tag) < 2 || len(tag) > 35 {
		return ""
	}
	for _, r := range tag {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	return tag
}

func quoteAll(words []string) string {
	shown := make([]string, 0, 10)
	for _, w := range words[:min(len(words), 10)] {
		runes := []rune(w)
		shown = append(shown, fmt.Sprintf("%q", string(runes[:min(len(runes), 40)])))
	}
	return strings.Join(shown, ", ")
}
