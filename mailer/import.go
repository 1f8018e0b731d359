package mailer

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/mail"
	"strings"
)

// ImportRow is one address of a list. Exactly one of its Address and Problem
// says something.
type ImportRow struct {
	// Line is where the record begins, from 1.
	Line    int
	Address Address
	Name    string
	// Language is a BCP 47 tag, or "".
	Language string
	// Pending says that the address was not confirmed where the list comes from:
	// a consent for the list does not cover it.
	Pending bool
	// Suppress says why the address must not be mailed, "" if nothing does; Note
	// is what the list says of it.
	Suppress Reason
	Note     string
	// Warning is a part of the record that was left out.
	Warning string
	// Problem is why the record is no subscriber: what is wrong and what to do.
	Problem string
}

// ImportOptions say what an import does with the addresses of a list.
type ImportOptions struct {
	Digest string
	// Consent says how the people of the list agreed; without it they are
	// pending.
	Consent string
	// FromStart is as in [NewSubscriber].
	FromStart bool
	// DryRun changes nothing and reports what would happen.
	DryRun bool
}

// Imported is what became of one row.
type Imported struct {
	Row ImportRow
	// Outcome is "" for a row with a Problem and [Suppressed] for one that was
	// added to the suppressions.
	Outcome Outcome
	// Reason is why somebody was kept out.
	Reason Reason
	// Active tells that an added address is active at once.
	Active bool
}

// Suppressed is the outcome of a row that must not be mailed.
const Suppressed Outcome = "suppressed"

// ImportSummary counts the rows of an import by what became of them.
type ImportSummary struct {
	Rows       int `json:"rows"`
	Added      int `json:"added"`
	Active     int `json:"active"` // of those added or confirmed
	Confirmed  int `json:"confirmed"`
	Known      int `json:"known"` // there already, or twice in the list
	Left       int `json:"left"`
	Blocked    int `json:"blocked"`
	Suppressed int `json:"suppressed"`
	Problems   int `json:"problems"`
}

// Count adds one row.
func (s *ImportSummary) Count(i Imported) {
	s.Rows++
	if i.Active {
		s.Active++
	}
	switch i.Outcome {
	case Added:
		s.Added++
	case Confirmed:
		s.Confirmed++
	case Known:
		s.Known++
	case Left:
		s.Left++
	case Blocked:
		s.Blocked++
	case Suppressed:
		s.Suppressed++
	default:
		s.Problems++
	}
}

// ReadList reads a list of subscribers: a CSV file with an e-mail column, as
// listmonk, Mailchimp, Substack, Ghost, Keila, Buttondown, MailPoet and tidings
// write it, delimited by commas, semicolons or tabs, or plain text with one
// address a line. What such a file says of people who left, bounced or were
// blocked is respected. The list is read as it comes and never held as a whole.
//
// A broken record is a row with a Problem; a non-nil error ends the list.
// Where r can seek, the whole text is checked to be UTF-8 before the first row.
func ReadList(r io.Reader) iter.Seq2[ImportRow, error] {
	return func(yield func(ImportRow, error) bool) {
		if err := readList(r, func(row ImportRow) bool { return yield(row, nil) }); err != nil {
			yield(ImportRow{}, err)
		}
	}
}

func readList(r io.Reader, yield func(ImportRow) bool) error {
	if s, ok := r.(io.ReadSeeker); ok {
		if err := proveUTF8(s); err != nil {
			return err
		}
	}
	p := newRecordReader(r)
	columns, err := p.start()
	if err != nil {
		return err
	}
	if columns == nil {
		return plainList(p, yield)
	}
	if _, _, err := p.read(); err != nil { // the header
		return err
	}
	for {
		fields, line, err := p.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var broken *recordError
		row := ImportRow{Line: line}
		switch {
		case errors.As(err, &broken):
			row.Line, row.Problem = broken.line, broken.text
		case err != nil:
			return err
		default:
			row = columns.row(fields, line)
		}
		if !yield(row) {
			return nil
		}
	}
}

// proveUTF8 reads a list once to its end, and goes back.
func proveUTF8(s io.ReadSeeker) error {
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil // a pipe: it is checked as it comes
	}
	p := newRecordReader(s)
	for err == nil {
		_, err = p.next()
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return fmt.Errorf("read the list again: %w", err)
	}
	return nil
}

// plainList reads addresses, one or several a line, bare or with names.
func plainList(p *recordReader, yield func(ImportRow) bool) error {
	for {
		line := p.line
		text, err := p.text()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !plainLine(text, line, yield) {
			return nil
		}
	}
}

// plainLine yields the addresses of a line.
func plainLine(text string, line int, yield func(ImportRow) bool) bool {
	text = TrimAddress(text)
	if text == "" || strings.HasPrefix(text, "#") {
		return true
	}
	for _, part := range splitAddresses(text) {
		row := ImportRow{Line: line}
		row.take(part)
		if !yield(row) {
			return false
		}
	}
	return true
}

// splitAddresses cuts a line at commas and semicolons outside of quotes and
// angle brackets.
func splitAddresses(text string) (parts []string) {
	start, quoted, bracket := 0, false, false
	for i, c := range text {
		switch {
		case c == '"' && (i == 0 || text[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			bracket = c == '<'
		case !bracket && (c == ',' || c == ';'):
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	parts = append(parts, text[start:])
	kept := parts[:0]
	for _, p := range parts {
		if p = TrimAddress(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// take reads an address as people write it: with a name, with mailto:, with
// space around it.
func (row *ImportRow) take(text string) {
	text = TrimAddress(text)
	if text == "" {
		row.Problem = "no address"
		return
	}
	bare := text
	if rest, found := strings.CutPrefix(strings.ToLower(text), "mailto:"); found {
		bare = text[len(text)-len(rest):]
		bare, _, _ = strings.Cut(bare, "?")
	}
	if strings.HasSuffix(bare, ">") {
		if named, err := mail.ParseAddress(bare); err == nil {
			// The spelling between the brackets, not what net/mail makes of it.
			bare = bare[strings.LastIndexByte(bare, '<')+1 : len(bare)-1]
			if row.Name == "" {
				row.Name = cleanName(named.Name)
			}
		}
	}
	a, err := ParseAddress(bare)
	if err != nil {
		row.Problem = err.Error()
		return
	}
	row.Address = a
}
