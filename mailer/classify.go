package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
)

// Phase is the step of an attempt that an answer or a fault belongs to.
type Phase int

// The phases, in the order in which an attempt meets them. PhaseDot begins when
// the final dot was written: from then on silence is ambiguous.
const (
	PhaseRender Phase = iota
	PhaseDial
	PhaseGreeting
	PhaseHello
	PhaseStartTLS
	PhaseAuth
	PhaseMail
	PhaseRcpt
	PhaseData
	PhaseDot
)

// String names the phase as the log and the outbox show it.
func (p Phase) String() string {
	names := [...]string{"render", "connect", "greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "final dot"}
	if p < 0 || int(p) >= len(names) {
		return "unknown phase"
	}
	return names[p]
}

// Faults that a transport finds itself, before the server could answer.
var (
	// ErrNoTLS says that the server does not offer the STARTTLS that is asked for.
	ErrNoTLS = errors.New("the server does not offer STARTTLS")
	// ErrNoAuth says that the server offers no way to log in that we know.
	ErrNoAuth = errors.New("the server offers no usable AUTH")
	// ErrTooLarge says that the letter is over the server's SIZE.
	ErrTooLarge = errors.New("the letter is larger than the server takes")
	// ErrNeedsUTF8 says that the address needs an SMTPUTF8 that is not offered.
	ErrNeedsUTF8 = errors.New("the address needs SMTPUTF8, which the server does not offer")
	// ErrUnfit says that the letter cannot be put on the wire as it is.
	ErrUnfit = errors.New("the letter cannot be sent as it is")
)

// Class is what an attempt came to.
type Class int

// The classes of an attempt; ledger rows and the run follow from them.
const (
	Accepted   Class = iota // 2xx to the final dot
	NotSent                 // a network fault before the dot was written
	Ambiguous               // the dot was written and nobody answered
	Throttled               // the server wants less
	Postponed               // try this letter later
	HardBounce              // this mailbox does not exist
	BareBounce              // RCPT refused without saying why
	SoftBounce              // this mailbox cannot take it now
	StopRun                 // the server refuses us, not the reader
	Policy                  // 5.7.x: us or the letter; the run's window decides
	Poison                  // this letter can never be sent
	Rejected                // any other 5xx
)

// String names the class.
func (c Class) String() string {
	names := [...]string{"accepted", "not sent", "in doubt", "throttled", "postponed", "hard bounce", "bare bounce", "soft bounce", "stop", "policy", "poison", "rejected"}
	if c < 0 || int(c) >= len(names) {
		return "unknown class"
	}
	return names[c]
}

// classify says what an attempt came to. It is pure and total. code is the
// reply's number, 0 when there was none and err says why; enhanced is its
// status of RFC 3463 ("5.1.1") or ""; text is the rest of the reply.
func classify(phase Phase, code int, enhanced, text string, err error) Class {
	switch {
	case phase == PhaseDot && code >= 200 && code < 300:
		return Accepted
	case phase == PhaseRender:
		return Poison
	case code >= 400 && code < 500:
		return classifyTransient(phase, code, status(code, enhanced), text)
	case code >= 500 && code < 600:
		return classifyPermanent(phase, code, status(code, enhanced))
	case phase >= PhaseDot:
		return Ambiguous
	case isPoison(err):
		return Poison
	case setupFault(phase, err):
		return StopRun
	}
	return NotSent
}

// status drops an enhanced status that contradicts its code: RFC 2034 section 4
// asks for the same first digit.
func status(code int, enhanced string) string {
	class, rest, ok := strings.Cut(enhanced, ".")
	if !ok || rest == "" || class != string(rune('0'+code/100)) {
		return ""
	}
	return rest
}

func isPoison(err error) bool {
	return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrNeedsUTF8) || errors.Is(err, ErrUnfit)
}

// setupFault tells whether a fault before the first letter needs a person:
// trying again as it is would fail again.
func setupFault(phase Phase, err error) bool {
	if errors.Is(err, ErrNoTLS) || errors.Is(err, ErrNoAuth) {
		return true
	}
	if phase > PhaseAuth {
		return false
	}
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		op      *net.OpError
	)
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return true // an alert of TLS: the handshake was refused
	}
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record)
}

func classifyTransient(phase Phase, code int, status, text string) Class {
	switch {
	case code == 421, code == 454, phase <= PhaseMail:
		return Throttled
	case greylisted(text):
		return Postponed
	case strings.HasPrefix(status, "7.") && rated(text):
		return Throttled
	case status == "" && rated(text):
		return Throttled
	case status == "5.3", code == 452 && strings.Contains(strings.ToLower(text), "too many"):
		return Throttled
	}
	return Postponed
}

func classifyPermanent(phase Phase, code int, status string) Class {
	switch {
	case status == "3.4", status == "6.7", phase == PhaseMail && code == 552:
		return Poison
	case phase <= PhaseMail:
		return StopRun
	case strings.HasPrefix(status, "7."):
		return Policy
	}
	switch status {
	case "1.1", "1.2", "1.6", "1.10", "2.1":
		return HardBounce
	case "2.2":
		return SoftBounce
	case "":
		if code == 552 {
			return SoftBounce
		}
		if phase == PhaseRcpt && (code == 550 || code == 551 || code == 553) {
			return BareBounce
		}
	}
	if strings.HasPrefix(status, "3.") || code == 552 {
		return SoftBounce
	}
	return Rejected
}

// greylisted tells whether the server only wants to see us come back.
func greylisted(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "greylist") || strings.Contains(t, "graylist") || strings.Contains(t, "grey list")
}

// rated tells whether the text speaks of a rate: of us, not of the mailbox.
func rated(text string) bool {
	t := strings.ToLower(text)
	for _, w := range []string{"rate", "too many", "too fast", "too quickly", "slow down", "throttl", "limit", "busy", "exceeded the maximum", "frequen", "concurren", "频率", "过多"} {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}
