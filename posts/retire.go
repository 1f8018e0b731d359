package posts

import (
	"context"
	"fmt"
	"time"
)

// Leftover is a source that is gone from the configuration and whose posts are
// in the ledger still.
type Leftover struct {
	Name  string `json:"name"`
	Posts int    `json:"posts"`
}

// String says what to do about it.
func (l Leftover) String() string {
	return fmt.Sprintf("source %s is gone from the configuration and %d of its posts are found in no other source: they stay in the feeds as they are. Name the source again, or withdraw them: tidings scan --accept", l.Name, l.Posts)
}

// Retire withdraws all posts of a source that is gone from the configuration,
// as a scan would that finds none of its files.
func Retire(ctx context.Context, ledger Ledger, source string, now time.Time) (Report, error) {
	report := Report{Source: source}
	for {
		done, err := retire(ctx, ledger, source, now, &report)
		if err != nil {
			return report, fmt.Errorf("retire source %s: %w", source, err)
		}
		if done {
			return report, nil
		}
	}
}

// retire withdraws a part of the posts; done says that none are left.
func retire(ctx context.Context, ledger Ledger, source string, now time.Time, report *Report) (done bool, err error) {
	state, err := ledger.SourceState(ctx, source)
	if err != nil {
		return false, err
	}
	c := Changes{Revision: state.Revision, Now: now, Done: true, Problems: &[]Problem{}}
	var paths []string
	for k, err := range ledger.Known(ctx, source) {
		if err != nil {
			return false, err
		}
		if k.Ignored || k.Twin {
			c.Dropped = append(c.Dropped, k.Path)
		} else {
			paths = append(paths, k.Path)
		}
		if len(paths)+len(c.Dropped) == chunk {
			break
		}
	}
	if len(paths)+len(c.Dropped) == 0 {
		return true, nil
	}
	records, err := ledger.Find(ctx, source, Query{Paths: paths})
	if err != nil {
		return false, err
	}
	for i := range records {
		c.Posts = append(c.Posts, goneFrom(&records[i]))
		report.add(&c.Posts[i])
	}
	_, err = ledger.Apply(ctx, source, c)
	return false, err
}
