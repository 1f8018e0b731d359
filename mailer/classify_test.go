package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestClassifyKnowsEveryRowOfTheTable(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}
	for _, c := range []struct {
		phase    Phase
		code     int
		enhanced string
		text     string
		err      error
		want     Class
	}{
		{PhaseDot, 250, "2.0.0", "queued", nil, Accepted},
		{PhaseDot, 250, "", "", io.EOF, Accepted},
		{PhaseDot, 251, "", "", nil, Accepted},

		{PhaseDial, 0, "", "", reset, NotSent},
		{PhaseDial, 0, "", "", os.ErrDeadlineExceeded, NotSent},
		{PhaseGreeting, 0, "", "", io.EOF, NotSent},
		{PhaseStartTLS, 0, "", "", os.ErrDeadlineExceeded, NotSent},
		{PhaseAuth, 0, "", "", io.EOF, NotSent},
		{PhaseRcpt, 0, "", "", reset, NotSent},
		{PhaseData, 0, "", "", io.ErrShortWrite, NotSent},
		{PhaseData, 250, "", "already?", nil, NotSent},
		{PhaseMail, 0, "", "", alert, NotSent},

		{PhaseDot, 0, "", "", io.EOF, Ambiguous},
		{PhaseDot, 0, "", "", os.ErrDeadlineExceeded, Ambiguous},
		{PhaseDot, 354, "", "go on", nil, Ambiguous},
		{PhaseDot, 0, "", "", ErrTooLarge, Ambiguous},

		{PhaseGreeting, 421, "", "busy", nil, Throttled},
		{PhaseGreeting, 450, "", "", nil, Throttled},
		{PhaseHello, 421, "", "", nil, Throttled},
		{PhaseStartTLS, 454, "4.7.0", "TLS not available", nil, Throttled},
		{PhaseAuth, 454, "4.7.0", "temporary authentication failure", nil, Throttled},
		{PhaseMail, 451, "4.3.0", "", nil, Throttled},
		{PhaseMail, 452, "4.3.1", "insufficient storage", nil, Throttled},
		{PhaseRcpt, 421, "4.7.28", "unusual rate", nil, Throttled},
		{PhaseRcpt, 450, "4.7.1", "Rate limit exceeded", nil, Throttled},
		{PhaseRcpt, 451, "4.7.500", "Server busy", nil, Throttled},
		{PhaseRcpt, 454, "4.7.1", "", nil, Throttled},
		{PhaseRcpt, 452, "4.5.3", "too many recipients", nil, Throttled},
		{PhaseRcpt, 452, "", "Too many connections", nil, Throttled},
		{PhaseRcpt, 451, "", "too many messages, slow down", nil, Throttled},
		{PhaseDot, 421, "4.3.2", "closing", nil, Throttled},
		{PhaseDot, 450, "4.7.0", "sending too fast", nil, Throttled},

		{PhaseRcpt, 450, "", "Greylisted", nil, Postponed},
		{PhaseRcpt, 451, "4.7.1", "Greylisting in action, rate 1", nil, Postponed},
		{PhaseRcpt, 450, "4.7.1", "try again", nil, Postponed},
		{PhaseRcpt, 450, "4.2.1", "this mailbox receives at a rate", nil, Postponed},
		{PhaseRcpt, 451, "4.3.0", "local error", nil, Postponed},
		{PhaseRcpt, 452, "4.2.2", "over quota", nil, Postponed},
		{PhaseData, 451, "", "", nil, Postponed},
		{PhaseDot, 451, "4.3.2", "later", nil, Postponed},
		{PhaseDot, 499, "", "", nil, Postponed},

		{PhaseRcpt, 550, "5.1.1", "no such user", nil, HardBounce},
		{PhaseRcpt, 550, "5.1.2", "no such domain", nil, HardBounce},
		{PhaseRcpt, 551, "5.1.6", "moved", nil, HardBounce},
		{PhaseRcpt, 556, "5.1.10", "null MX", nil, HardBounce},
		{PhaseRcpt, 550, "5.2.1", "disabled", nil, HardBounce},
		{PhaseDot, 550, "5.1.1", "no such user", nil, HardBounce},

		{PhaseRcpt, 550, "", "no", nil, BareBounce},
		{PhaseRcpt, 551, "", "not local", nil, BareBounce},
		{PhaseRcpt, 553, "", "mailbox name", nil, BareBounce},
		{PhaseRcpt, 550, "4.1.1", "contradicts itself", nil, BareBounce},
		{PhaseRcpt, 550, "5", "no status", nil, BareBounce},

		{PhaseRcpt, 552, "", "full", nil, SoftBounce},
		{PhaseRcpt, 552, "5.2.2", "full", nil, SoftBounce},
		{PhaseDot, 552, "", "full", nil, SoftBounce},
		{PhaseRcpt, 550, "5.2.2", "over quota", nil, SoftBounce},
		{PhaseDot, 554, "5.3.0", "system trouble", nil, SoftBounce},
		{PhaseRcpt, 550, "5.3.1", "system full", nil, SoftBounce},

		{PhaseGreeting, 554, "", "no", nil, StopRun},
		{PhaseHello, 550, "", "", nil, StopRun},
		{PhaseStartTLS, 502, "", "", nil, StopRun},
		{PhaseStartTLS, 0, "", "", fmt.Errorf("x: %w", ErrNoTLS), StopRun},
		{PhaseStartTLS, 0, "", "", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, StopRun},
		{PhaseStartTLS, 0, "", "", x509.HostnameError{}, StopRun},
		{PhaseStartTLS, 0, "", "", x509.CertificateInvalidError{}, StopRun},
		{PhaseStartTLS, 0, "", "", tls.RecordHeaderError{}, StopRun},
		{PhaseStartTLS, 0, "", "", alert, StopRun},
		{PhaseAuth, 535, "5.7.8", "wrong password", nil, StopRun},
		{PhaseAuth, 0, "", "", ErrNoAuth, StopRun},
		{PhaseMail, 550, "5.7.515", "not you", nil, StopRun},
		{PhaseMail, 530, "5.7.0", "log in first", nil, StopRun},
		{PhaseMail, 553, "", "", nil, StopRun},

		{PhaseRcpt, 550, "5.7.1", "relaying denied", nil, Policy},
		{PhaseDot, 554, "5.7.1", "spam", nil, Policy},
		{PhaseDot, 552, "5.7.0", "content", nil, Policy},

		{PhaseRender, 0, "", "", errors.New("template"), Poison},
		{PhaseRender, 250, "", "", nil, Poison},
		{PhaseMail, 0, "", "", ErrTooLarge, Poison},
		{PhaseMail, 0, "", "", ErrNeedsUTF8, Poison},
		{PhaseMail, 0, "", "", fmt.Errorf("%w: bare LF", ErrUnfit), Poison},
		{PhaseMail, 552, "5.3.4", "too big", nil, Poison},
		{PhaseMail, 552, "", "too big", nil, Poison},
		{PhaseDot, 552, "5.3.4", "too big", nil, Poison},
		{PhaseRcpt, 553, "5.6.7", "no SMTPUTF8", nil, Poison},

		{PhaseRcpt, 501, "5.1.3", "syntax", nil, Rejected},
		{PhaseRcpt, 554, "", "no", nil, Rejected},
		{PhaseRcpt, 503, "5.5.1", "order", nil, Rejected},
		{PhaseDot, 550, "", "no", nil, Rejected},
		{PhaseDot, 554, "", "no", nil, Rejected},
		{PhaseDot, 554, "5.6.0", "content", nil, Rejected},
	} {
		if got := classify(c.phase, c.code, c.enhanced, c.text, c.err); got != c.want {
			t.Errorf("%v %d %s %q (%v) is %v, want %v", c.phase, c.code, c.enhanced, c.text, c.err, got, c.want)
		}
	}
}

func TestClassifyIsTotalAndNeverLosesAnAcceptedLetter(t *testing.T) {
	t.Parallel()
	errs := []error{nil, io.EOF, os.ErrDeadlineExceeded, ErrNoTLS, ErrNoAuth, ErrTooLarge, ErrNeedsUTF8, ErrUnfit, x509.HostnameError{}}
	rapid.Check(t, func(t *rapid.T) {
		phase := Phase(rapid.IntRange(-1, int(PhaseDot)+1).Draw(t, "phase"))
		code := rapid.OneOf(rapid.IntRange(-10, 700), rapid.IntRange(200, 599)).Draw(t, "code")
		enhanced := rapid.OneOf(rapid.String(), rapid.StringMatching(`[245]\.[0-9]{1,3}\.[0-9]{1,3}`)).Draw(t, "enhanced")
		err := rapid.SampledFrom(errs).Draw(t, "err")
		got := classify(phase, code, enhanced, rapid.String().Draw(t, "text"), err)
		if got.String() == "unknown class" {
			t.Fatalf("class %d has no name", got)
		}
		if taken := phase == PhaseDot && code/100 == 2 && code > 0; taken != (got == Accepted) {
			t.Fatalf("%v %d is %v", phase, code, got)
		}
		if answered := code >= 200 && code < 600 && code/100 != 3; phase == PhaseDot && !answered && got != Ambiguous {
			t.Fatalf("no answer to the dot (%d, %v) is %v: it may have been delivered", code, err, got)
		}
		if phase < PhaseRcpt && phase > PhaseRender && (got == HardBounce || got == BareBounce || got == SoftBounce) {
			t.Fatalf("%v %d is a bounce, before a recipient was named", phase, code)
		}
	})
}

func FuzzClassify(f *testing.F) {
	f.Add(int(PhaseRcpt), 550, "5.1.1", "no such user")
	f.Add(int(PhaseDot), 250, "", "ok")
	f.Add(int(PhaseDot), 0, "..", "\xff")
	f.Fuzz(func(t *testing.T, phase, code int, enhanced, text string) {
		got := classify(Phase(phase), code, enhanced, text, nil)
		if again := classify(Phase(phase), code, enhanced, text, nil); again != got {
			t.Fatalf("%v, then %v", got, again)
		}
	})
}
