package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"tidings.example/posts"
)

// recordColumns are the columns of a record, in the order of row.scan. They
// stand on recordTables.
const recordColumns = `p.id, s.name, p.path, p.explicit_id, p.title, p.date, p.updated, p.not_before, p.expires, p.declared,
	p.tags, p.categories, p.authors, p.language, p.slug, p.url, p.aliases, p.summary, p.image, p.thumbnail, p.enclosures, p.origin, p.fingerprint, p.edited_at,
	f.post is not null, coalesce(f.size, 0), coalesce(f.mtime, 0), f.hash,
	coalesce(r.seq, 0), coalesce(r.released_at, 0), coalesce(r.withdrawn_at, 0), coalesce(r.mailable, 0), ` + guidColumn

// bodyColumns follow recordColumns where bodies are wanted.
const bodyColumns = `, coalesce(b.html, ''), coalesce(b.summary, ''), coalesce(b.code, ''), coalesce(b.code_language, ''), coalesce(b.image, ''), coalesce(b.columns, 0)`

// briefColumns stand in the place of bodyColumns where a letter shows no more
// than the beginning: without the HTML, and with as much code as a letter can use.
const briefColumns = `, '', coalesce(b.summary, ''), coalesce(substr(b.code, 1, 16000), ''), coalesce(b.code_language, ''), coalesce(b.image, ''), coalesce(b.columns, 0)`

// joins of a record, behind "posts p" or "releases r".
const (
	joinSource  = ` join sources s on s.key = p.source`
	joinFile    = ` left join files f on f.source = p.source and f.path = p.path and f.post = p.key`
	joinRelease = ` left join releases r on r.post = p.key`
	joinBody    = ` left join bodies b on b.post = p.key`
)

// row is a record as it comes out of the database.
type row struct {
	r                                         posts.Record
	date, updated, notBefore, expires, edited int64
	tags, categories, authors, aliases, hash  sql.RawBytes
	enclosures, guids, origin                 sql.RawBytes
	released, withdrawn                       int64
	declared                                  string
}

// dest returns where the columns go.
func (w *row) dest(bodies bool, more ...any) []any {
	r := &w.r
	d := []any{&r.ID, &r.Source, &r.Path, &r.ExplicitID, &r.Title, &w.date, &w.updated, &w.notBefore, &w.expires, &w.declared,
		&w.tags, &w.categories, &w.authors, &r.Language, &r.Slug, &r.URL, &w.aliases, &r.Summary, &r.Image, &r.Thumbnail, &w.enclosures, &w.origin, &r.Fingerprint, &w.edited,
		&r.Present, &r.Stamp.Size, &r.Stamp.ModTime, &w.hash, &r.Seq, &w.released, &w.withdrawn, &r.Mailable, &w.guids}
	if bodies {
		b := &r.Body
		d = append(d, &b.HTML, &b.Summary, &b.Code, &b.CodeLanguage, &b.Image, &b.Columns)
	}
	return append(d, more...)
}

// record returns the record of the row that dest was filled with.
func (w *row) record() (posts.Record, error) {
	r := w.r
	r.Declared, r.Hash = posts.State(w.declared), unpackHash(w.hash)
	r.Date, r.Updated, r.NotBefore, r.Expires = instant(w.date), instant(w.updated), instant(w.notBefore), instant(w.expires)
	r.Released, r.Withdrawn, r.Edited = instant(w.released), instant(w.withdrawn), instant(w.edited)
	r.Tags, r.Categories, r.Authors, r.Aliases, r.Enclosures = nil, nil, nil, nil, nil
	for _, err := range []error{unlist(w.tags, &r.Tags), unlist(w.categories, &r.Categories), unlist(w.authors, &r.Authors), unlist(w.aliases, &r.Aliases),
		unlist(w.enclosures, &r.Enclosures), unpackOrigin(w.origin, &r.Origin)} {
		if err != nil {
			return r, fmt.Errorf("post %s: a list in the database is damaged: %w", r.ID, err)
		}
	}
	var err error
	if r.GUIDs, err = guids(w.guids); err != nil {
		return r, fmt.Errorf("post %s: its ids in the database are damaged: %w", r.ID, err)
	}
	return r, nil
}

// packOrigin returns JSON text, "" for the zero value.
func packOrigin(o posts.Origin) (string, error) {
	if o == (posts.Origin{}) {
		return "", nil
	}
	b, err := json.Marshal(o)
	return string(b), err
}

// unpackOrigin is the reverse of packOrigin.
func unpackOrigin(text []byte, into *posts.Origin) error {
	*into = posts.Origin{}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

// records calls each for every record that the query gives; it ends early
// where each returns false.
func records(ctx context.Context, q queryer, bodies bool, each func(posts.Record) bool, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var w row
	dest := w.dest(bodies)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		r, err := w.record()
		if err != nil {
			return err
		}
		if !each(r) {
			return nil
		}
	}
	return rows.Err()
}

// gather returns all records that the query gives.
func gather(ctx context.Context, q queryer, bodies bool, text string, args ...any) ([]posts.Record, error) {
	var out []posts.Record
	err := records(ctx, q, bodies, func(r posts.Record) bool { out = append(out, r); return true }, text, args...)
	return out, err
}
