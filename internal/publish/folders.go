package publish

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"tidings.example/posts"
)

// Folders gives the feed of each word its folder. Words that are alike, such as
// CI/CD and CI-CD, have different ones, and each keeps the one that it was first
// given: readers and ids follow it.
type Folders struct {
	// Fresh are those that were given now, with the folded word; they are to be
	// kept.
	Fresh map[string]string

	made  func(ctx context.Context, folder string) (bool, error)
	owner map[string]string    // by folder
	of    map[[2]string]string // the folder, by kind and folded word
}

// NewFolders begins with those that are kept, folded words by folder. made tells
// whether a feed was ever made in a folder, also by a tidings that kept none.
func NewFolders(kept map[string]string, made func(ctx context.Context, folder string) (bool, error)) *Folders {
	f := &Folders{Fresh: map[string]string{}, made: made, owner: map[string]string{}, of: map[[2]string]string{}}
	for folder, word := range kept {
		kind, _, _ := strings.Cut(folder, "/")
		f.owner[folder], f.of[[2]string{kind, word}] = word, folder
	}
	return f
}

// Of returns the folder of a word, below that of its kind.
func (f *Folders) Of(ctx context.Context, kind, word string) (string, error) {
	key := [2]string{kind, posts.Fold(word)}
	if folder := f.of[key]; folder != "" {
		return folder, nil
	}
	folder, err := f.older(ctx, kind, word)
	if err != nil {
		return "", err
	}
	if folder == "" {
		folder = f.free(kind + "/" + folderName(word))
	}
	f.owner[folder], f.of[key], f.Fresh[folder] = key[1], folder, key[1]
	return folder, nil
}

// free returns the name, or the first of name-2, name-3 that nobody has.
func (f *Folders) free(name string) string {
	folder := name
	for n := 2; ; n++ {
		if _, taken := f.owner[folder]; !taken {
			return folder
		}
		folder = fmt.Sprintf("%s-%d", name, n)
	}
}

// older returns the folder that a word without a plain name had before folders
// were kept, where its feed was made: its beginning in hexadecimal. It is ""
// for others.
func (f *Folders) older(ctx context.Context, kind, word string) (string, error) {
	if plain(word) != "" {
		return "", nil
	}
	folder := f.free(kind + "/" + fmt.Sprintf("%x", word)[:min(100, 2*len(word))])
	found, err := f.made(ctx, folder)
	if err != nil || !found {
		return "", err
	}
	return folder, nil
}

// folderName is a word as the name of a folder: safe on disk and in an address,
// and the same for words that the ledger takes for the same.
func folderName(word string) string {
	if name := plain(word); name != "" {
		return name
	}
	sum := sha256.Sum256([]byte(posts.Fold(word)))
	return fmt.Sprintf("%x", sum[:16])
}

// plain is a word without what cannot stand in a name, "" where nothing is left
// or the name would be too long.
func plain(word string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', strings.ContainsRune(`/\:*?"<>|%#&`, r), r == 0x7f:
			return '-'
		}
		return r
	}, posts.Fold(word))
	if name = strings.Trim(name, "."); len(name) > 100 {
		return ""
	}
	return name
}
