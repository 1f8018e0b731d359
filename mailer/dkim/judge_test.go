package dkim_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/internal/dnstest"
)

// opendkim returns a function that lets opendkim-testmsg judge a letter. It
// asks the resolver of /etc/resolv.conf: that is another file in a mount
// namespace of its own, which only root can make.
func opendkim(t *testing.T) func(letter []byte) error {
	t.Helper()
	const judge, resolver = "opendkim-testmsg", "127.83.11.7"
	for _, program := range []string{judge, "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the judge %s is not here: install opendkim-tools and util-linux: %v", judge, err)
		}
	}
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+resolver+"\noptions timeout:2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(script string) *exec.Cmd {
		return exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && `+script, conf)
	}
	if out, err := run("true").CombinedOutput(); err != nil {
		t.Skipf("the judge %s cannot be given a resolver: that takes root: %v %s", judge, err, out)
	}
	dns, err := dnstest.Listen(resolver + ":53")
	if err != nil {
		t.Skipf("the judge %s cannot be given a resolver: port 53 of %s: %v", judge, resolver, err)
	}
	t.Cleanup(dns.Close)
	for _, k := range both(t) {
		dns.Add(k.Name(), "TXT", k.Record())
	}
	return func(letter []byte) error {
		cmd := run("exec " + judge + " -C")
		cmd.Stdin = strings.NewReader(string(letter))
		out, err := cmd.CombinedOutput()
		if err != nil || len(out) > 0 {
			return fmt.Errorf("%v: %s", err, out)
		}
		return nil
	}
}

func TestLettersPassTheJudge(t *testing.T) {
	t.Parallel()
	judge := opendkim(t)
	keys := both(t)
	for name, letter := range hard {
		if name == "no last newline" {
			continue // the transport sends no such thing, and the judge waits for the end of the line
		}
		for _, k := range keys {
			signed := sign(t, letter, k)
			if err := judge(signed); err != nil {
				t.Errorf("%s, %s: %v", name, k.Algorithm(), err)
			}
			spoilt := strings.Replace(string(signed), "\r\n\r\n", "\r\n\r\nAn advertisement.\r\n", 1)
			if judge([]byte(spoilt)) == nil {
				t.Errorf("%s, %s: a changed letter passes, so the judge judges nothing", name, k.Algorithm())
			}
		}
		if err := judge(sign(t, letter, keys...)); err != nil {
			t.Errorf("%s, signed twice: %v", name, err)
		}
	}
}
