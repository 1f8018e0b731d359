package posts

import (
	"iter"
	"sync"
)

// feed gives what the ledger knows to the source, and keeps it until the scan
// has compared it. The source may read ahead, or not at all.
type feed struct {
	mu    sync.Mutex
	next  func() (Known, error, bool)
	stop  func()
	queue []Known // read, and not yet compared
	done  int     // how many were compared: the place of queue[0]
	read  int     // how many were read
	sent  int     // how many were given to the source
	err   error
	ended bool
}

func newFeed(known iter.Seq2[Known, error]) *feed {
	f := &feed{}
	f.next, f.stop = iter.Pull2(known)
	return f
}

func (f *feed) close() { f.stop() }

// all yields what the ledger knows to the source.
func (f *feed) all() iter.Seq2[Known, error] {
	return func(yield func(Known, error) bool) {
		for {
			k, ok, err := f.give()
			if err != nil {
				yield(Known{}, err)
				return
			}
			if !ok || !yield(k, nil) {
				return
			}
		}
	}
}

// give returns what the source was not given yet. What the scan has passed by
// then is not given any more.
func (f *feed) give() (Known, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = max(f.sent, f.done)
	if f.sent == f.read && !f.pull() {
		return Known{}, false, f.err
	}
	f.sent++
	return f.queue[f.sent-1-f.done], true, nil
}

// pull reads one more into the queue.
func (f *feed) pull() bool {
	if f.ended {
		return false
	}
	k, err, ok := f.next()
	if !ok || err != nil {
		f.ended, f.err = true, err
		return false
	}
	if len(f.queue) == cap(f.queue) && cap(f.queue) > 0 {
		f.queue = append(make([]Known, 0, max(64, 2*len(f.queue))), f.queue...)
	}
	f.queue = append(f.queue, k)
	f.read++
	return true
}

// peek returns the first that was not compared.
func (f *feed) peek() (Known, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 && !f.pull() {
		return Known{}, false, f.err
	}
	return f.queue[0], true, nil
}

// drop marks the first as compared.
func (f *feed) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = f.queue[1:]
	f.done++
}

// take returns the first and drops it where it is the path's.
func (f *feed) take(path string) (Known, bool) {
	k, ok, err := f.peek()
	if err != nil || !ok || k.Path != path {
		return Known{}, false
	}
	f.drop()
	return k, true
}
