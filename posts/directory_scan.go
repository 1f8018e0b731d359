package posts

import (
	"context"
	"iter"
	"runtime"
	"strings"
	"sync"
)

// job is one file on its way through a scan.
type job struct {
	entry Entry
	known Known
	done  chan struct{} // closed when entry is final; nil when it always was
	none  bool          // the file is no post, and nothing is to be told of it
}

// siteScan is one run of [Directory.Scan].
type siteScan struct {
	d      *Directory
	verify bool
	local  bool // addresses may be paths, for want of the site's address
	yield  func(Entry, error) bool

	next    func() (Known, error, bool) // what the ledger holds, in order
	ahead   Known
	isAhead bool
	failed  error // of known

	queue   []*job // in order; the head is delivered first
	work    chan *job
	workers sync.WaitGroup
	ended   bool // the receiver has had enough
}

// queueLimit bounds the files that are read ahead of the receiver.
const queueLimit = 64

// Scan implements [Source]. Files that are no posts are left out; a file of
// which there is something to tell comes with its problems.
//
// A folder that cannot be read comes as an Entry of its own with a Problem, and
// the known posts below it as unchanged.
func (d *Directory) Scan(ctx context.Context, known iter.Seq2[Known, error], verify bool) iter.Seq2[Entry, error] {
	return d.scan(ctx, known, verify, false)
}

func (d *Directory) scan(ctx context.Context, known iter.Seq2[Known, error], verify, local bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s := &siteScan{d: d, verify: verify, local: local, yield: yield}
		if known == nil {
			known = func(func(Known, error) bool) {}
		}
		next, stop := iter.Pull2(known)
		defer stop()
		s.next = next
		defer s.close()
		s.advance()
		err := d.walk(ctx, s.visit)
		if s.failed != nil {
			err = s.failed
		}
		for len(s.queue) > 0 && !s.ended && err == nil {
			s.deliver()
		}
		if err != nil && !s.ended {
			yield(Entry{}, err)
		}
	}
}

// close lets the workers end and waits for them.
func (s *siteScan) close() {
	if s.work != nil {
		close(s.work)
		s.workers.Wait()
	}
}

// advance reads the next known file.
func (s *siteScan) advance() {
	k, err, ok := s.next()
	s.ahead, s.isAhead = k, ok && err == nil
	if ok && err != nil {
		s.failed = err
	}
}

// lookup returns what is known of a path. Paths are asked in ascending order.
func (s *siteScan) lookup(path string) (Known, bool) {
	for s.isAhead && s.ahead.Path < path {
		s.advance()
	}
	if s.isAhead && s.ahead.Path == path {
		k := s.ahead
		s.advance()
		return k, true
	}
	return Known{}, false
}

// visit takes one file from the walk.
func (s *siteScan) visit(v visit) bool {
	if v.folder {
		s.put(&job{entry: Entry{Path: v.path, Problems: []Problem{*v.problem}}})
		s.keepBelow(v.path + "/")
		return !s.ended && s.failed == nil
	}
	known, isKnown := s.lookup(v.path)
	if s.failed != nil {
		return false
	}
	if isKnown && v.problem == nil && !s.verify && len(s.queue) == 0 && known.Stamp == v.stamp && known.Config == s.d.config {
		s.ended = !s.yield(Entry{Path: v.path, Stamp: v.stamp, Unchanged: true}, nil) // the common case, without a job
		return !s.ended
	}
	j := &job{entry: Entry{Path: v.path, Stamp: v.stamp}}
	switch {
	case v.problem != nil:
		j.entry.Problems = []Problem{*v.problem}
	case isKnown && !s.verify && known.Stamp == v.stamp && known.Config == s.d.config:
		j.entry.Unchanged = true
	default:
		if isKnown && known.Config == s.d.config {
			j.known = known
		}
		s.start(j)
	}
	s.put(j)
	return !s.ended
}

// keepBelow reports the known files of a folder that cannot be read as they
// were: they did not vanish.
func (s *siteScan) keepBelow(prefix string) {
	for s.isAhead && s.ahead.Path < prefix {
		s.advance()
	}
	for s.isAhead && strings.HasPrefix(s.ahead.Path, prefix) {
		s.put(&job{entry: Entry{Path: s.ahead.Path, Stamp: s.ahead.Stamp, Unchanged: true}})
		s.advance()
	}
}

// start gives a file to the workers, which it starts at the first one.
func (s *siteScan) start(j *job) {
	j.done = make(chan struct{})
	if s.work == nil {
		s.work = make(chan *job, queueLimit+1)
		for range runtime.GOMAXPROCS(0) {
			s.workers.Go(s.run)
		}
	}
	s.work <- j
}

// run reads files until there are no more.
func (s *siteScan) run() {
	r := reader{opener: opener{d: s.d}, local: s.local}
	defer r.close()
	for j := range s.work {
		r.read(j)
		close(j.done)
	}
}

// put appends a file to the queue, or delivers it where nothing is before it.
func (s *siteScan) put(j *job) {
	s.queue = append(s.queue, j)
	for len(s.queue) > 0 && !s.ended && (len(s.queue) >= queueLimit || s.queue[0].done == nil) {
		s.deliver()
	}
}

// deliver hands the head of the queue to the receiver.
func (s *siteScan) deliver() {
	j := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	if j.done != nil {
		<-j.done
	}
	if !j.none && !s.yield(j.entry, nil) {
		s.ended = true
	}
}

// reader reads and parses files for one worker.
type reader struct {
	opener
	local   bool
	buf     []byte
	scratch []byte
}

// read fills in the entry of a job. A mistake of ours costs one file, never the
// scan.
func (r *reader) read(j *job) {
	defer func() {
		if cause := recover(); cause != nil {
			r.buf, r.scratch = nil, nil
			j.none = false
			j.entry = Entry{Path: j.entry.Path, Stamp: j.entry.Stamp, Problems: []Problem{{Path: j.entry.Path, Message: mishap("reading", cause)}}}
		}
	}()
	data, stamp, err := r.readFile(j.entry.Path, r.buf)
	r.buf = data
	if err != nil {
		j.entry.Problems = []Problem{{Path: j.entry.Path, Message: err.Error()}}
		return
	}
	// The file's stamp when it was read: a change right after is seen next time.
	j.entry.Stamp = stamp
	sum := hashBytes(data)
	if j.known.Hash == sum {
		j.entry.Touched = true
		return
	}
	p := r.d.parse(j.entry.Path, data, r.local)
	j.entry.Problems = p.problems
	if p.post == nil {
		j.none = len(p.problems) == 0
		return
	}
	p.post.Hash, p.post.Stamp = sum, stamp
	p.post.Fingerprint, r.scratch = fingerprint(p.doc.Body, r.scratch)
	j.entry.Post = p.post
	if cap(r.buf) > 1<<20 {
		r.buf = nil
	}
}
