package mailer

import (
	"context"
	"slices"
	"time"
)

// rendered is a letter for one reader, or why there is none.
type rendered struct {
	text  []byte
	plain bool
	// to and date are those of the grant that it was made for.
	to   string
	date time.Time
	err  error
	// poison tells that the letter is to blame for err, not the database.
	poison bool
}

// headroom is kept free before a letter for the fields of its signatures.
const headroom = 2 << 10

// render makes the bytes of a letter, signed, in memory that the next one uses
// again.
func (w *worker) render(ctx context.Context, l Letter, g Grant) rendered {
	out := rendered{to: g.To, date: g.Date}
	r, poison, err := w.d.cache.of(ctx, l)
	if err != nil {
		out.poison, out.err = poison, err
		return out
	}
	p := Personal{To: g.To, MessageID: l.MessageID, Date: g.Date}
	if links := w.d.c.Links; links != nil && !l.Notice {
		p.Unsubscribe, p.Preferences = links.Unsubscribe(l.Subscriber, l.Digest), links.Preferences(l.Subscriber, l.Digest)
		p.Leave = links.LeaveToken(l.Subscriber, l.Digest)
	}
	w.text = slices.Grow(w.text[:0], headroom)[:headroom]
	if plate, ok := r.(Plate); ok {
		w.text, out.plain, out.err = plate.Append(w.text, p)
	} else {
		var text []byte
		text, out.err = r.Letter(p)
		w.text = append(w.text, text...)
	}
	if out.poison = out.err != nil; out.poison {
		return out
	}
	out.text = w.text[headroom:]
	if w.d.c.Signer == nil {
		return out
	}
	fields, err := w.d.c.Signer.Sign(ctx, l, g.Date, out.text)
	if err != nil {
		out.err = err
		return out
	}
	out.plain = out.plain && plainLines(fields, true)
	if len(fields) > headroom {
		out.text = slices.Concat(fields, out.text)
		return out
	}
	begin := headroom - len(fields)
	copy(w.text[begin:], fields)
	out.text = w.text[begin:]
	return out
}
