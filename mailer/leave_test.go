package mailer

import (
	"errors"
	"strings"
	"testing"
)

func TestALeaveTokenEndsOneSubscriptionAndNoOther(t *testing.T) {
	t.Parallel()
	tokens := testTokens(t, secretKey(1, false))
	token := tokens.LeaveToken(1_000_000, "weekly")
	if len(token) > 24 || !all(token, isTokenByte) {
		t.Errorf("token %q is long, or no part of an address", token)
	}
	for _, seen := range []string{token, strings.ToUpper(token)} {
		if c, err := tokens.ReadLeave(seen, []string{"daily", "weekly"}); err != nil || c != (Claim{Purpose: UnsubscribeToken, Subscriber: 1_000_000, Digest: "weekly"}) {
			t.Errorf("%s is %+v, %v", seen, c, err)
		}
	}
	if _, err := tokens.ReadLeave(token, []string{"daily"}); !errors.Is(err, ErrToken) {
		t.Errorf("it ends another subscription: %v", err)
	}
	for i := range token {
		if forged := token[:i] + "a" + token[i+1:]; forged != token {
			if _, err := tokens.ReadLeave(forged, []string{"weekly"}); !errors.Is(err, ErrToken) {
				t.Fatalf("forged at %d: %q", i, forged)
			}
		}
	}
	retired := testTokens(t, secretKey(1, true), secretKey(2, false))
	if _, err := retired.ReadLeave(token, []string{"weekly"}); err != nil {
		t.Errorf("an old letter cannot be left: %v", err)
	}
}

func TestALeaveTokenIsFoundInTheAddressOrTheSubject(t *testing.T) {
	t.Parallel()
	const token = "16.mzxw6ytboi4dqmjs"
	box := LeaveMailbox{Mailbox: "leave@example.org", Separator: "+"}
	for _, c := range []struct{ address, subject, want string }{
		{"leave+" + token + "@example.org", "unsubscribe", token},
		{"<Leave+" + strings.ToUpper(token) + "@EXAMPLE.org>", "", token},
		{"leave@example.org", "unsubscribe " + token, token},
		{"leave@example.org", "Re:  Unsubscribe_" + strings.ToUpper(token), token},
		{"leave@example.org", "unsubscribe me, please", ""},
		{"leave@example.org", "unsubscribe " + token + "x", ""},
		{"news@example.org", "unsubscribe " + token, ""},
		{"leave+" + token + "@example.com", "", ""},
	} {
		if got := box.Token(c.address, c.subject); got != c.want {
			t.Errorf("mail to %s, %q: %q, want %q", c.address, c.subject, got, c.want)
		}
	}
	if got := (LeaveMailbox{}).Token("@", "unsubscribe "+token); got != "" {
		t.Errorf("no mailbox takes %q", got)
	}
	if box := (LeaveMailbox{Mailbox: "leave@example.org"}); box.Token("leave@example.org", "unsubscribe "+token) != token || box.Token("leave+"+token+"@example.org", "") != "" {
		t.Error("a mailbox without a separator has addresses below it")
	}
}
