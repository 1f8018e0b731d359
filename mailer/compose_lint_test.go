package mailer

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maillint is the judge of letters that lies beside the repository.
func maillint(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("TIDINGS_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	path := filepath.Join(shared, "tools", "maillint", "maillint")
	if _, err := os.Stat(path); err != nil {
		t.Skip("maillint is not there: set TIDINGS_SHARED to the folder of the shared test material")
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import lxml, html5lib, tinycss2, cssselect").Run(); err != nil {
		t.Skip("maillint needs the Debian packages python3-lxml, python3-html5lib, python3-tinycss2 and python3-cssselect")
	}
	return path
}

func TestMaillintFindsNoErrorAndNoWarning(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("maillint takes seconds")
	}
	tool, c, dir := maillint(t), newTestComposer(t), t.TempDir()
	digests, notices := []string{"--strict", "--quiet", "--no-spam"}, []string{"--strict", "--quiet", "--no-spam", "--transactional", "--ignore", "unsubscribe-link"}
	write := func(name string, raw []byte) string {
		path := filepath.Join(dir, name+".eml")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, e := range letters() {
		digests = append(digests, write(name, letter(t, c, e)))
	}
	for _, kind := range []NoticeKind{Confirmation, Welcome, AddressChange, Goodbye, Alert} {
		notices = append(notices, write("notice-"+string(kind), noticeLetter(t, c, sampleNotice(kind, "zh-CN"))))
	}
	// SpamAssassin's local rules take two seconds a letter: one stands for all.
	spam := []string{"--strict", "--quiet", filepath.Join(dir, "eleven-zh.eml")}
	for _, args := range [][]string{digests, notices, spam} {
		if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
	}
}
