package posts

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// benchSite has n posts of 5 KB, half of them Chinese.
func benchSite(b *testing.B, n int) *Directory {
	files := map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n"}
	body := strings.Repeat("the quick feed publisher reads every post once and writes one digest for each reader\n\n", 25) +
		strings.Repeat("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动。\n\n", 25)
	for i := range n {
		files[fmt.Sprintf("source/_posts/post-%05d.md", i)] = fmt.Sprintf("---\ntitle: \"题目 %d\"\ndate: 2020-01-02 03:04:05\ntags: [git, note]\ncategories: [tech]\n---\n%s%d\n", i, body, i)
	}
	return openSite(b, SiteOptions{Root: writeSite(b, files)})
}

func BenchmarkScanFirst(b *testing.B) {
	d := benchSite(b, 2000)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range d.Scan(context.Background(), nil, false) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2000, "µs/post")
}

func BenchmarkScanUnchanged(b *testing.B) {
	d := benchSite(b, 2000)
	known := knownOf(d, scanAll(b, d, nil, false))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range d.Scan(context.Background(), knownSeq(known), false) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2000, "µs/post")
}
