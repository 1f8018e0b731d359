package feed

import (
	"net/http"
	"strconv"
	"strings"
)

// unchanged tells whether the reader has these bytes already. RFC 9110 section
// 13.2.2: If-None-Match decides where it is present, else If-Modified-Since.
func (s *served) unchanged(h http.Header) bool {
	if tags, ok := h["If-None-Match"]; ok {
		for _, list := range tags {
			if matches(list, s.tag) {
				return true
			}
		}
		return false
	}
	since := h.Get("If-Modified-Since")
	if since == "" || s.doubtful {
		return false
	}
	if since == s.modifiedHeader {
		return true
	}
	t, err := http.ParseTime(since)
	return err == nil && !s.modified.After(t)
}

// matches looks for a tag in an If-None-Match list by weak comparison (RFC 9110
// section 8.8.3.2). Apache's mod_deflate writes -gzip into tags on the way out
// and leaves it there on the way in. A tag without quotes is a mistake that
// some readers make; it is understood.
func matches(list, tag string) bool {
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for {
		list = strings.TrimLeft(list, " \t,")
		if list == "" {
			return false
		}
		list = strings.TrimPrefix(list, "W/")
		var candidate string
		if quoted, ok := strings.CutPrefix(list, `"`); ok {
			candidate, list, _ = strings.Cut(quoted, `"`)
		} else {
			candidate, list, _ = strings.Cut(list, ",")
			candidate = strings.TrimSpace(candidate)
		}
		if candidate == tag || strings.TrimSuffix(candidate, "-gzip") == tag {
			return true
		}
	}
}

// acceptsGzip tells whether gzip is acceptable and not liked less than no
// encoding at all (RFC 9110 section 12.5.3).
func acceptsGzip(lines []string) bool {
	zip, star, identity := -1.0, -1.0, -1.0
	for _, list := range lines {
		for list != "" {
			var item string
			item, list, _ = strings.Cut(list, ",")
			coding, params, _ := strings.Cut(item, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				zip = max(zip, quality(params))
			case coding == "*":
				star = quality(params)
			case strings.EqualFold(coding, "identity"):
				identity = quality(params)
			}
		}
	}
	if zip < 0 {
		zip = star
	}
	return zip > 0 && zip >= identity
}

// quality reads the weight among the parameters of a coding; 1 without any.
func quality(params string) float64 {
	for params != "" {
		var p string
		p, params, _ = strings.Cut(params, ";")
		name, value, ok := strings.Cut(p, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || q < 0 || q > 1 {
			return 0 // not understood: the plain bytes are always right
		}
		return q
	}
	return 1
}
