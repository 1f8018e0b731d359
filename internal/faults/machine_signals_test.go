package faults

import "testing"

func TestEveryReaderGetsOneLetter(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 200})
	b.Post()
	b.OK("run")
	if got, want := b.Outcome(1).String(), "200 recipients: 200 sent; finished; 0 missing, 0 extra"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
