package mailer

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// exportHeader is the first line of an export. [ReadList] knows it.
var exportHeader = []string{"email", "name", "state", "language", "digests", "created_at", "confirmed_at"}

// suppressionsHeader is the first line of the suppressions. [ReadList] knows it.
var suppressionsHeader = []string{"hash", "key", "reason", "email", "note", "at"}

// WriteCSV writes subscribers as CSV. A cell that a spreadsheet would take for
// a formula gets an apostrophe in front; [ReadList] takes it away again.
func WriteCSV(w io.Writer, subscribers iter.Seq2[Subscriber, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write(exportHeader); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for s, err := range subscribers {
		if err != nil {
			return err
		}
		var digests []string
		for _, sub := range s.Subscriptions {
			if !sub.Confirmed.IsZero() && sub.Left.IsZero() {
				digests = append(digests, sub.Digest)
			}
		}
		record := []string{s.Address, s.Name, string(s.State), s.Language, strings.Join(digests, " "), stampText(s.Created), stampText(s.Confirmed)}
		for i := range record {
			record[i] = neutral(record[i])
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// WriteSuppressionsCSV writes suppressions as CSV. Of an erased person there is
// the hash alone, with the id of the key that made it: [ReadList] takes the
// others back.
func WriteSuppressionsCSV(w io.Writer, key int64, all iter.Seq2[Suppression, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write(suppressionsHeader); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for s, err := range all {
		if err != nil {
			return err
		}
		if err := out.Write([]string{neutral(s.Hash), strconv.FormatInt(key, 10), string(s.Reason), neutral(s.Address), neutral(s.Note), stampText(s.At)}); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// formula are the first characters that make a cell a formula in spreadsheets.
const formula = "=+-@\t\r\n"

// neutral disarms a cell.
func neutral(cell string) string {
	if cell != "" && strings.ContainsRune(formula, rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// restore undoes neutral.
func restore(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune(formula, rune(cell[1])) {
		return cell[1:]
	}
	return cell
}
