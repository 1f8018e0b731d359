package mailer

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

func testTokens(t testing.TB, keys ...Key) *Tokens {
	t.Helper()
	tokens, err := NewTokens(keys)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func secretKey(id int64, retired bool) Key {
	return Key{ID: id, Secret: []byte(strings.Repeat(string(rune('a'+id)), 32)), Retired: retired}
}

func TestTokenProvesItsClaimAndNothingElse(t *testing.T) {
	t.Parallel()
	tokens := testTokens(t, secretKey(1, false))
	made := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	want := Claim{Purpose: ConfirmToken, Subscriber: 1_000_000, Digest: "weekly", Made: made}
	token := tokens.Make(want)
	if len(token) > 60 || token != url.PathEscape(token) {
		t.Errorf("token %q is long or needs escaping", token)
	}
	if got, err := tokens.Read(ConfirmToken, token); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := tokens.Read(UnsubscribeToken, token); !errors.Is(err, ErrToken) {
		t.Errorf("a confirmation unsubscribes: %v", err)
	}
	for i := range token {
		for _, c := range []byte("A_z9") {
			forged := token[:i] + string(c) + token[i+1:]
			if _, err := tokens.Read(ConfirmToken, forged); err == nil && forged != token {
				t.Fatalf("forged at %d: %q", i, forged)
			}
		}
	}
	if _, err := testTokens(t, secretKey(2, false)).Read(ConfirmToken, token); err == nil {
		t.Error("another key proves it")
	}
}

func TestUnsubscribeTokenIsTheSameInEveryCopyOfALetter(t *testing.T) {
	t.Parallel()
	links := SignedLinks{Base: "https://news.example.org/", Tokens: testTokens(t, secretKey(1, false))}
	if a, b := links.Unsubscribe(7, "weekly"), links.Unsubscribe(7, "weekly"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if links.Unsubscribe(7, "weekly") == links.Unsubscribe(8, "weekly") || links.Unsubscribe(7, "weekly") == links.Unsubscribe(7, "daily") {
		t.Error("two readers or digests share a link")
	}
}

func TestARetiredKeyVerifiesUnsubscribeForEverAndNothingElse(t *testing.T) {
	t.Parallel()
	old := testTokens(t, secretKey(1, false))
	made := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	leave := old.Make(Claim{Purpose: UnsubscribeToken, Subscriber: 7, Digest: "weekly"})
	join := old.Make(Claim{Purpose: ConfirmToken, Subscriber: 7, Digest: "weekly", Made: made})
	now := testTokens(t, secretKey(1, true), secretKey(2, false))
	if c, err := now.Read(UnsubscribeToken, leave); err != nil || c.Expired(made.AddDate(20, 0, 0)) {
		t.Errorf("%v: an old letter cannot be left", err)
	}
	if _, err := now.Read(ConfirmToken, join); !errors.Is(err, ErrToken) {
		t.Error("a retired key confirms")
	}
	if c, err := now.Read(UnsubscribeToken, now.Make(Claim{Purpose: UnsubscribeToken, Subscriber: 9, Digest: "weekly"})); err != nil || c.Subscriber != 9 {
		t.Error(err)
	}
	if _, err := NewTokens([]Key{secretKey(1, true)}); err == nil {
		t.Error("a retired key signs")
	}
}

func TestAConfirmationExpiresAfterSevenDays(t *testing.T) {
	t.Parallel()
	c := Claim{Purpose: ConfirmToken, Made: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	if c.Expired(c.Made.Add(ConfirmFor)) || !c.Expired(c.Made.Add(ConfirmFor+time.Second)) {
		t.Error("not seven days")
	}
}

func FuzzToken(f *testing.F) {
	tokens := testTokens(f, secretKey(1, true), secretKey(2, false))
	f.Add(tokens.Make(Claim{Purpose: UnsubscribeToken, Subscriber: 7, Digest: "weekly"}))
	f.Add(tokens.Make(Claim{Purpose: ConfirmToken, Subscriber: 7, Digest: "weekly", Made: time.Unix(1e9, 0)}))
	f.Add("dQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g")
	f.Add("unsubscribe dQE")
	f.Fuzz(func(t *testing.T, token string) {
		for _, p := range []Purpose{ConfirmToken, UnsubscribeToken} {
			c, err := tokens.Read(p, token)
			if err == nil && c.Purpose != p {
				t.Fatalf("%q is for %c, not %c", token, c.Purpose, p)
			}
			if err == nil && tokens.Make(c) != token {
				t.Fatalf("%q proves %+v, which is %q", token, c, tokens.Make(c))
			}
		}
	})
}
