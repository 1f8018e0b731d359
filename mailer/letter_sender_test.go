package mailer

import "testing"

func TestSenderIsTheBareAddressOfFrom(t *testing.T) {
	t.Parallel()
	c, err := NewComposer(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := sampleEditions("zh-CN")[0]
	for from, want := range map[string]string{
		"news@example.org": "news@example.org",
		"很长很长很长很长很长很长很长很长很长很长的名字 <a.b@example.org>":                    "a.b@example.org",
		"\"From: nobody@example.com\" <news@例子.example>":               "news@xn--fsqu00a.example",
		"Somebody with a very long name, who likes it <x@example.org>": "",
	} {
		e.Digest.From = from
		template, err := c.Digest(e)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", from, err)
			}
			continue
		}
		if got := template.Sender(); got != want {
			t.Errorf("sender of %s is %q", from, got)
		}
	}
	if got := (Template{}).Sender(); got != "" {
		t.Errorf("sender of nothing is %q", got)
	}
}
