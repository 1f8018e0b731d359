package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

func (b *binder) duration(path string, v any, into reflect.Value) {
	text, ok := v.(string)
	d, err := parseDuration(text)
	if !ok || err != nil {
		b.fail(path, "%v is no duration: write it like \"90s\", \"10m\", \"36h\" or \"14d\"", quoted(v))
		return
	}
	into.SetInt(int64(d))
}

// within wants a duration from least to most; 0 as most is no bound.
func (b *binder) within(key string, d Duration, least, most time.Duration) {
	switch {
	case time.Duration(d) >= least && (most == 0 || time.Duration(d) <= most):
	case most == 0:
		b.fail(key, "want at least %q, have %q", written(least), written(time.Duration(d)))
	default:
		b.fail(key, "want %q to %q, have %q", written(least), written(most), written(time.Duration(d)))
	}
}

// written gives a duration as the file has it: in the largest unit that divides
// it.
func written(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d >= unit.of && d%unit.of == 0 && (unit.name != "d" || d > 48*time.Hour) {
			return strconv.FormatInt(int64(d/unit.of), 10) + unit.name
		}
	}
	if d == 0 {
		return "0s"
	}
	return d.String()
}

// parseDuration is time.ParseDuration with days.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err == nil && n >= 0 && n < 36500 {
			return time.Duration(n * float64(24*time.Hour)), nil
		}
		return 0, fmt.Errorf("bad number of days")
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		return 0, fmt.Errorf("negative")
	}
	return d, err
}
