package store

import (
	"context"
	"database/sql"
	"sync"
)

// prepared keeps the statements of reads that run thousands of times. They are
// closed with their connections.
type prepared struct {
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// reader reads through prepared statements. Its texts are constants.
type reader struct{ db *DB }

func (r reader) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	p := &r.db.reads
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.stmts[text]; s != nil {
		return s, nil
	}
	s, err := r.db.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if p.stmts == nil {
		p.stmts = map[string]*sql.Stmt{}
	}
	p.stmts[text] = s
	return s, nil
}

// QueryContext implements queryer.
func (r reader) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := r.stmt(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext runs a query for one row.
func (r reader) QueryRowContext(ctx context.Context, text string, args ...any) scanner {
	s, err := r.stmt(ctx, text)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(ctx, args...)
}
