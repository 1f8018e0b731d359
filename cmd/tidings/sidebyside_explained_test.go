package main

import (
	"regexp"
	"sync/atomic"
	"testing"
)

// explanation is why ours lacks, on purpose, something that theirs has.
type explanation struct {
	lack *regexp.Regexp // what is lacking: "text …", "link …", "image …"
	why  string
	used *atomic.Bool
}

func explain(lack, why string) explanation {
	return explanation{regexp.MustCompile(`^(?:` + lack + `)$`), why, &atomic.Bool{}}
}

// explanations are all that ours may lack.
var explanations = []explanation{
	explain(`text unsplashlogo.*`, "the title of a drawing (svg): feeds hold no drawings, and readers would show the word"),
	explain(`image http://ppoffice\.github\.io/hexo-theme-icarus/hexo-theme-icarus/.*`, "theirs puts the site's root before an address that has it: there is no such picture"),
	explain(`text (youcanomitb|你可以省略b).*`, "theirs is Markdown that was not rendered; ours says what its <version number> says, too"),
	explain(`text x(mvp|casestudy).*`, "theirs shows [x]; ours has a ticked box"),
	explain(`text 1等比数列求和公式`, "theirs shows [^1]; ours has a footnote"),
	explain(`link http://localhost:1234`, "an address of the reader's own machine, which ours shows as text"),
}

// explained returns the reason for a lack, "" where there is none.
func explained(lack string) string {
	for _, e := range explanations {
		if e.lack.MatchString(lack) {
			e.used.Store(true)
			return e.why
		}
	}
	return ""
}

// everyExplanationExplains fails for those that are of no use any more.
func everyExplanationExplains(t *testing.T) {
	for _, e := range explanations {
		if !e.used.Load() {
			t.Errorf("nothing is lacking any more that %s explains: %s", e.lack, e.why)
		}
	}
}
