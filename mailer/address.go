package mailer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The lengths that RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.3 leave for an
// address inside of angle brackets, in octets.
const (
	maxLocal   = 64
	maxAddress = 254
)

// Address is one mailbox in the two forms that are kept of it.
type Address struct {
	// Mailed is what letters are sent to: the local part as it was spelled, the
	// domain in lower-case A-labels.
	Mailed string
	// Key is equal for two spellings of one mailbox: unquoted, composed (NFC)
	// and in lower case.
	Key string
	// UTF8 tells that the local part needs a server with SMTPUTF8.
	UTF8 bool
}

// Domain returns the domain in A-labels, "" for the zero Address.
func (a Address) Domain() string { return a.Mailed[strings.LastIndexByte(a.Mailed, '@')+1:] }

// TrimAddress removes what copying leaves around an address: white space, line
// ends and a byte order mark. [ParseAddress] itself forgives none of it.
func TrimAddress(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' })
}

// ParseAddress reads a bare address as RFC 5321, 6531 and 5890 allow it: atoms
// or a quoted local part, a domain name of at least two labels, no comment, no
// display name, no address literal. It changes nothing but the writing of the
// domain. The error says what is wrong, and offers a correction where a slip of
// an input method is likely.
func ParseAddress(text string) (Address, error) {
	a, err := parseAddress(text)
	if err == nil {
		return a, nil
	}
	shown := text
	if len(shown) > 300 {
		shown = strings.ToValidUTF8(shown[:300], "") + "…"
	}
	if fixed, ok := correction(text); ok {
		return Address{}, fmt.Errorf("address %q: %w: did you mean %s?", shown, err, fixed)
	}
	return Address{}, fmt.Errorf("address %q: %w", shown, err)
}

// correction undoes full-width forms and surrounding space, and is ok when that
// makes an address of it.
func correction(text string) (string, bool) {
	fixed := strings.NewReplacer("＠", "@", "。", ".", "．", ".", "｡", ".", "\u200b", "", "\u00a0", "").Replace(TrimAddress(text))
	fixed = strings.TrimSuffix(fixed, ".")
	if fixed == text {
		return "", false
	}
	a, err := parseAddress(fixed)
	return a.Mailed, err == nil
}

// addressFault is why a text is no address.
type addressFault string

func (f addressFault) Error() string { return string(f) }

func parseAddress(text string) (Address, error) {
	switch {
	case text == "":
		return Address{}, addressFault("is empty")
	case !utf8.ValidString(text):
		return Address{}, addressFault("is not UTF-8")
	case text != TrimAddress(text):
		return Address{}, addressFault("has white space around it")
	}
	local, domain, err := splitAddress(text)
	if err != nil {
		return Address{}, err
	}
	plain, err := localPart(local)
	if err != nil {
		return Address{}, err
	}
	ascii, err := domainName(domain)
	if err != nil {
		return Address{}, err
	}
	mailed := local + "@" + ascii
	if len(local) > maxLocal {
		return Address{}, addressFault(fmt.Sprintf("has %d octets before the @ (at most %d)", len(local), maxLocal))
	}
	if len(mailed) > maxAddress {
		return Address{}, addressFault(fmt.Sprintf("has %d octets (at most %d)", len(mailed), maxAddress))
	}
	return Address{Mailed: mailed, Key: localKey(plain) + "@" + ascii, UTF8: !isASCII(local)}, nil
}

// splitAddress cuts at the @ that ends the local part, quoted or not.
func splitAddress(text string) (local, domain string, err error) {
	end := strings.IndexByte(text, '@')
	if strings.HasPrefix(text, `"`) {
		end = quotedEnd(text)
		if end < 0 || end >= len(text) || text[end] != '@' {
			return "", "", addressFault("has a quoted part that is not the whole of what stands before the @")
		}
	}
	switch {
	case end < 0:
		return "", "", addressFault("has no @")
	case end == 0:
		return "", "", addressFault("has nothing before the @")
	case end == len(text)-1:
		return "", "", addressFault("has no domain (want name@example.org)")
	}
	return text[:end], text[end+1:], nil
}

// quotedEnd returns the index after the closing quote, or -1.
func quotedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// localPart checks the part before the @ and returns it without quotes.
func localPart(local string) (string, error) {
	if !strings.HasPrefix(local, `"`) {
		return local, dotAtom(local)
	}
	var plain strings.Builder
	inner := local[1 : len(local)-1]
	escaped := false
	for _, r := range inner {
		if r < ' ' || r == 0x7f || (r > unicode.MaxASCII && !localRune(r)) {
			return "", addressFault(fmt.Sprintf("has the character %U before the @", r))
		}
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		plain.WriteRune(r)
	}
	if plain.Len() == 0 {
		return "", addressFault("has nothing before the @")
	}
	return plain.String(), nil
}

// dotAtom checks the dot-string of RFC 5321 with the characters of RFC 6531.
func dotAtom(local string) error {
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return addressFault("has a dot at the begin or end of, or two dots in, what stands before the @")
		}
		for _, r := range atom {
			if !localRune(r) {
				return addressFault(fmt.Sprintf("has the character %s before the @", showRune(r)))
			}
		}
	}
	return nil
}

// localRune tells whether r may stand in an unquoted local part.
func localRune(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	case r <= unicode.MaxASCII:
		return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	case r == '\u200c', r == '\u200d': // joiners that Indic scripts and Persian need
		return true
	case r == '＠':
		return false
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// localKey folds an unquoted local part; one that needs quotes gets them in the
// shortest form.
func localKey(plain string) string {
	key := norm.NFC.String(strings.ToLower(norm.NFC.String(plain)))
	if dotAtom(key) == nil {
		return key
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`
}

// domains maps case and width, and checks what it maps to. Hyphens in third and
// fourth place are left alone: such names exist.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(true), idna.CheckHyphens(false), idna.CheckJoiners(true))

// domainName returns the domain in A-labels.
func domainName(domain string) (string, error) {
	if strings.HasPrefix(domain, "[") {
		return "", addressFault("has an address in brackets instead of a domain: such mailboxes are not served")
	}
	for _, r := range domain {
		// Mapping would drop or replace these without a word.
		switch {
		case r == '。', r == '．', r == '｡':
			return "", addressFault("has a full-width dot in its domain")
		case r == '@':
			return "", addressFault("has a second @")
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.In(r, unicode.Cf) && r != '\u200c' && r != '\u200d':
			return "", addressFault(fmt.Sprintf("has the character %s in its domain", showRune(r)))
		}
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil {
		return "", addressFault("has a domain that cannot exist (" + strings.TrimPrefix(err.Error(), "idna: ") + ")")
	}
	return ascii, hostName(ascii)
}

// hostName checks labels and lengths (RFC 1123 section 2.1, RFC 5321 section 2.3.5).
func hostName(ascii string) error {
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 {
		return addressFault("has a domain without a dot (want name@example.org)")
	}
	for _, l := range labels {
		switch {
		case l == "":
			return addressFault("has an empty label in its domain")
		case len(l) > 63:
			return addressFault("has a label of more than 63 octets in its domain")
		case l[0] == '-' || l[len(l)-1] == '-':
			return addressFault("has a label with a hyphen at its end in its domain")
		}
		for _, c := range []byte(l) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return addressFault(fmt.Sprintf("has the character %s in its domain", showRune(rune(c))))
			}
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return addressFault("has a number at the end of its domain")
	}
	return nil
}

// showRune names a character; one that cannot be seen by its number.
func showRune(r rune) string {
	if unicode.IsGraphic(r) && !unicode.IsSpace(r) {
		return fmt.Sprintf("%q", r)
	}
	return fmt.Sprintf("%U", r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
