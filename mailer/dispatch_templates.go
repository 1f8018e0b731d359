package mailer

import (
	"context"
	"fmt"
	"sync"
)

// cachedTemplates bounds the templates in memory: letters of an issue are
// claimed in the order of their waves, and share few.
const cachedTemplates = 16

// templateCache keeps the parsed templates of the letters under way.
type templateCache struct {
	outbox Outbox
	parse  func([]byte) (Stencil, error)
	mu     sync.Mutex
	have   map[int64]Stencil
	order  []int64 // oldest first
}

func newTemplateCache(o Outbox, parse func([]byte) (Stencil, error)) *templateCache {
	return &templateCache{outbox: o, parse: parse, have: map[int64]Stencil{}}
}

// of returns the template of a letter. poison tells a template that cannot be
// read from a database that cannot be read now.
func (t *templateCache) of(ctx context.Context, l Letter) (r Stencil, poison bool, err error) {
	if l.Notice {
		r, err = t.parse(l.Body)
		return r, true, err
	}
	t.mu.Lock()
	r = t.have[l.Variant]
	t.mu.Unlock()
	if r != nil {
		return r, false, nil
	}
	text, err := t.outbox.Template(ctx, l.Variant)
	if err != nil {
		return nil, false, err
	}
	if r, err = t.parse(text); err != nil {
		return nil, true, fmt.Errorf("template of variant %d: %w", l.Variant, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.have[l.Variant] == nil {
		if len(t.order) == cachedTemplates {
			delete(t.have, t.order[0])
			t.order = t.order[1:]
		}
		t.have[l.Variant] = r
		t.order = append(t.order, l.Variant)
	}
	return r, false, nil
}
