package doctor

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
)

// DKIM compares the record of a key (RFC 6376 section 3.6) with what publishes
// it. name is SELECTOR._domainkey.DOMAIN, record the text that belongs there.
func DKIM(ctx context.Context, r Resolver, name, record string) Finding {
	found, err := texts(ctx, r, name)
	const publish = "publish its record: tidings keys records prints it"
	fail := func(format string, args ...any) Finding {
		return Finding{"dkim", Fail, name + fmt.Sprintf(format, args...), publish}
	}
	switch {
	case err != nil:
		return silent("dkim", name, err)
	case len(found) == 0:
		return fail(" is not published: receivers cannot check the signatures")
	case len(found) > 1:
		return Finding{"dkim", Fail, fmt.Sprintf("%s has %d TXT records: receivers may take any of them", name, len(found)), "leave only the one of this key: tidings keys records prints it"}
	}
	have, err := tags(found[0])
	if err != nil {
		return fail(" cannot be read (%v)", err)
	}
	want, err := tags(record)
	if err != nil {
		return fail(": the key of the database cannot be read (%v)", err)
	}
	return compare(name, have, want, fail)
}

// compare judges a record that can be read.
func compare(name string, have, want map[string]string, fail func(string, ...any) Finding) Finding {
	key, published := have["p"]
	algorithm := have["k"]
	if algorithm == "" {
		algorithm = "rsa"
	}
	switch {
	case have["v"] != "" && have["v"] != "DKIM1":
		return fail(" begins with v=%s, want v=DKIM1", have["v"])
	case !published:
		return fail(" has no p=")
	case key == "":
		return Finding{"dkim", Fail, name + " is revoked (p= is empty): receivers refuse its signatures", "tidings keys new, or publish the key again"}
	case algorithm != want["k"]:
		return fail(" is of an %s key, the database has one of %s", algorithm, want["k"])
	case decode(key) == "":
		return fail(": its p= is no base64, as if it was cut off or had a blank in it")
	case decode(key) != decode(want["p"]):
		return fail(" publishes another key than the one that signs")
	case have["h"] != "" && !listed(have["h"], "sha256"):
		return fail(" permits only h=%s, the signatures are by sha256", have["h"])
	case have["s"] != "" && !listed(have["s"], "*") && !listed(have["s"], "email"):
		return fail(" is for s=%s, not for mail", have["s"])
	case listed(have["t"], "y"):
		return Finding{"dkim", Warn, name + " says t=y: receivers take the signatures for tests", "publish it without t=y"}
	}
	return ok("dkim", "%s publishes the %s key that signs", name, want["k"])
}

// tags reads a list of tags (RFC 6376 section 3.2).
func tags(text string) (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if _, twice := out[name]; !found || twice || name == "" {
			return nil, fmt.Errorf("%.40q is no tag, or stands there twice", strings.TrimSpace(part))
		}
		out[name] = strings.TrimSpace(value)
	}
	return out, nil
}

// listed tells whether a value with colons names the word.
func listed(value, word string) bool {
	for one := range strings.SplitSeq(value, ":") {
		if strings.EqualFold(strings.TrimSpace(one), word) {
			return true
		}
	}
	return false
}

// decode returns the bytes of a key, white space in it forgiven as the standard
// says; "" is none.
func decode(p string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(p), ""))
	if err != nil {
		return ""
	}
	return string(raw)
}
