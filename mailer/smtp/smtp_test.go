package smtp_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

var (
	envelope = mailer.Envelope{From: "news@blog.example", To: "ann@example.org", MessageID: "1.a@blog.example"}
	letter   = []byte("From: news@blog.example\r\nTo: ann@example.org\r\nSubject: hi\r\n\r\nHello.\r\n.\r\n..two\r\n.end\r\n")
)

// config is for a server on 127.0.0.1 without TLS.
func config(s *smtptest.Server) smtp.Config {
	return smtp.Config{Host: "127.0.0.1", Port: s.Port(), Security: smtp.None, Clock: time.Now}
}

func connect(t *testing.T, c smtp.Config) (mailer.Conn, mailer.Reply) {
	t.Helper()
	tr, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	conn, reply := tr.Connect(t.Context())
	if conn != nil {
		t.Cleanup(conn.Close)
	}
	return conn, reply
}

func mustConnect(t *testing.T, c smtp.Config) mailer.Conn {
	t.Helper()
	conn, reply := connect(t, c)
	if conn == nil {
		t.Fatalf("no connection: %v", reply)
	}
	return conn
}

func TestSeveralLettersGoOverOneConnectionAndKeepTheirDots(t *testing.T) {
	t.Parallel()
	for name, extensions := range map[string][]string{"pipelining": nil, "step by step": {"SIZE 100000"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := smtptest.Start(t, smtptest.Script{Extensions: extensions})
			c := config(srv)
			c.PerConnection = 3
			conn := mustConnect(t, c)
			for i := range 3 {
				if !conn.Ready() {
					t.Fatalf("not ready for letter %d", i)
				}
				if r := conn.Send(t.Context(), envelope, letter); r.Class() != mailer.Accepted {
					t.Fatalf("letter %d: %v", i, r)
				}
			}
			if conn.Ready() {
				t.Error("ready for a fourth letter, although a connection takes three")
			}
			got := srv.Letters()
			if len(got) != 3 || got[2].Text != string(letter) || got[2].Conn != 1 || got[0].From != envelope.From || got[0].To != envelope.To {
				t.Errorf("the server took %+v", got)
			}
		})
	}
}

func TestParametersOfMailAreOnlyThoseThatTheLetterNeeds(t *testing.T) {
	t.Parallel()
	srv := smtptest.Start(t, smtptest.Script{})
	conn := mustConnect(t, config(srv))
	send := func(to, text string) string {
		t.Helper()
		e := envelope
		e.To = to
		if r := conn.Send(t.Context(), e, []byte(text)); r.Class() != mailer.Accepted {
			t.Fatalf("%s: %v", to, r)
		}
		all := srv.Letters()
		return all[len(all)-1].Params
	}
	for _, c := range []struct{ to, text, want string }{
		{"ann@example.org", "A: b\r\n\r\nplain\r\n", "SIZE=15"},
		{"ann@example.org", "A: b\r\n\r\ngrün\r\n", "SIZE=15 BODY=8BITMIME"},
		{"用户@example.org", "A: b\r\n\r\nplain\r\n", "SIZE=15 BODY=8BITMIME SMTPUTF8"},
		{"ann@bücher.example", "A: b\r\n\r\nplain\r\n", "SIZE=15"},
	} {
		if got := send(c.to, c.text); got != c.want {
			t.Errorf("MAIL for %s has %q, want %q", c.to, got, c.want)
		}
	}
	all := srv.Letters()
	if got := all[3].To; got != "ann@xn--bcher-kva.example" {
		t.Errorf("the domain went out as %q", got)
	}
}

func TestLettersThatDoNotFitAreRefusedBeforeTheServerSeesThem(t *testing.T) {
	t.Parallel()
	srv := smtptest.Start(t, smtptest.Script{Extensions: []string{"SIZE 100"}})
	conn := mustConnect(t, config(srv))
	for name, c := range map[string]struct{ to, text string }{
		"too large":    {"ann@example.org", "A: b\r\n\r\n" + strings.Repeat("x", 200) + "\r\n"},
		"utf8 address": {"用户@example.org", "A: b\r\n\r\nx\r\n"},
		"8 bit body":   {"ann@example.org", "A: b\r\n\r\ngrün\r\n"},
		"bare LF":      {"ann@example.org", "A: b\r\n\r\nx\n.\r\ny\r\n"},
		"bare CR":      {"ann@example.org", "A: b\r\n\r\nx\r.\r\n"},
		"two commands": {"ann@example.org>\r\nRCPT TO:<eve@example.org", "A: b\r\n\r\nx\r\n"},
		"nobody":       {"", "A: b\r\n\r\nx\r\n"},
	} {
		e := envelope
		e.To = c.to
		if r := conn.Send(t.Context(), e, []byte(c.text)); r.Class() != mailer.Poison {
			t.Errorf("%s: %v is %v, want poison", name, r, r.Class())
		}
	}
	if r := conn.Send(t.Context(), envelope, []byte("A: b\r\n\r\nx\r\n")); r.Class() != mailer.Accepted {
		t.Errorf("the connection is not usable any more: %v", r)
	}
	if n := len(srv.Letters()); n != 1 {
		t.Errorf("%d letters arrived, want 1", n)
	}
}

// once is a hook that answers so the first time.
func once(reply string) func() string {
	used := false
	return func() string {
		if used {
			return ""
		}
		used = true
		return reply
	}
}

func onceTo(reply string) func(string) string {
	f := once(reply)
	return func(string) string { return f() }
}

func TestRefusalsAreToldByPhaseAndLeaveTheConnectionInStep(t *testing.T) {
	t.Parallel()
	dot := func(reply string) func(smtptest.Letter) string {
		f := once(reply)
		return func(smtptest.Letter) string { return f() }
	}
	for name, c := range map[string]struct {
		script func() smtptest.Script
		phase  mailer.Phase
		class  mailer.Class
		dead   bool
	}{
		"unknown mailbox":    {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("550 5.1.1 no such user")} }, mailer.PhaseRcpt, mailer.HardBounce, false},
		"bare 550":           {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("550 no")} }, mailer.PhaseRcpt, mailer.BareBounce, false},
		"greylisted":         {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("450 4.7.1 Greylisted, come back")} }, mailer.PhaseRcpt, mailer.Postponed, false},
		"two lines":          {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("550-5.1.1 no such\r\n550 5.1.1 user")} }, mailer.PhaseRcpt, mailer.HardBounce, false},
		"sender refused":     {func() smtptest.Script { return smtptest.Script{Mail: onceTo("550 5.7.515 not you")} }, mailer.PhaseMail, mailer.StopRun, false},
		"sender later":       {func() smtptest.Script { return smtptest.Script{Mail: onceTo("451 4.3.0 later")} }, mailer.PhaseMail, mailer.Throttled, false},
		"no DATA":            {func() smtptest.Script { return smtptest.Script{Data: once("451 4.3.0 later")} }, mailer.PhaseData, mailer.Postponed, false},
		"refused, yet 354":   {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("550 5.1.1 no"), Data: once("354 go on")} }, mailer.PhaseRcpt, mailer.HardBounce, false},
		"refused at the dot": {func() smtptest.Script { return smtptest.Script{Dot: dot("554 5.7.1 spam")} }, mailer.PhaseDot, mailer.Policy, false},
		"later at the dot":   {func() smtptest.Script { return smtptest.Script{Dot: dot("451 4.3.0 later")} }, mailer.PhaseDot, mailer.Postponed, false},
		"goodbye at MAIL":    {func() smtptest.Script { return smtptest.Script{Mail: onceTo("421 4.3.2 enough")} }, mailer.PhaseMail, mailer.Throttled, true},
		"goodbye at RCPT":    {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("421 4.7.0 enough")} }, mailer.PhaseRcpt, mailer.Throttled, true},
		"goodbye at the dot": {func() smtptest.Script { return smtptest.Script{Dot: dot("421 4.3.2 enough")} }, mailer.PhaseDot, mailer.Throttled, true},
		"refused sender, yet 354": {func() smtptest.Script {
			return smtptest.Script{Mail: onceTo("550 5.7.1 not you"), Careless: true}
		}, mailer.PhaseMail, mailer.StopRun, true},
		"gone at MAIL":       {func() smtptest.Script { return smtptest.Script{Mail: onceTo(smtptest.Hangup)} }, mailer.PhaseMail, mailer.NotSent, true},
		"gone at DATA":       {func() smtptest.Script { return smtptest.Script{Data: once(smtptest.Hangup)} }, mailer.PhaseData, mailer.NotSent, true},
		"the lost 250":       {func() smtptest.Script { return smtptest.Script{Dot: dot(smtptest.Lost)} }, mailer.PhaseDot, mailer.Ambiguous, true},
		"garbage at RCPT":    {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("hello there")} }, mailer.PhaseRcpt, mailer.NotSent, true},
		"garbage at the dot": {func() smtptest.Script { return smtptest.Script{Dot: dot("hello there")} }, mailer.PhaseDot, mailer.Ambiguous, true},
		"endless reply": {func() smtptest.Script {
			return smtptest.Script{Rcpt: onceTo(strings.Repeat("250-x\r\n", 200) + "250 x")}
		}, mailer.PhaseRcpt, mailer.NotSent, true},
		"endless line": {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("250 " + strings.Repeat("x", 9000))} }, mailer.PhaseRcpt, mailer.NotSent, true},
		"RSET refused": {func() smtptest.Script {
			return smtptest.Script{Rcpt: onceTo("550 5.1.1 no"), Reset: once("500 5.5.1 what")}
		}, mailer.PhaseRcpt, mailer.HardBounce, true},
		"RSET dropped": {func() smtptest.Script {
			return smtptest.Script{Rcpt: onceTo("550 5.1.1 no"), Reset: once(smtptest.Hangup)}
		}, mailer.PhaseRcpt, mailer.HardBounce, true},
		"contradicting enhancement": {func() smtptest.Script { return smtptest.Script{Rcpt: onceTo("550 4.1.1 no")} }, mailer.PhaseRcpt, mailer.BareBounce, false},
	} {
		for _, extensions := range [][]string{{"PIPELINING"}, {"SIZE"}} {
			t.Run(name+" "+extensions[0], func(t *testing.T) {
				t.Parallel()
				if strings.HasSuffix(name, "yet 354") && extensions[0] != "PIPELINING" {
					t.Skip("without PIPELINING nobody asks for DATA after a refusal")
				}
				script := c.script()
				script.Extensions = extensions
				srv := smtptest.Start(t, script)
				conn := mustConnect(t, config(srv))
				r := conn.Send(t.Context(), envelope, letter)
				if r.Phase != c.phase || r.Class() != c.class {
					t.Fatalf("%v at %v is %v, want %v at %v", r, r.Phase, r.Class(), c.class, c.phase)
				}
				if conn.Ready() == c.dead {
					t.Fatalf("ready is %v", conn.Ready())
				}
				if c.dead {
					if r.Class() != mailer.Ambiguous && len(srv.Letters()) > 0 {
						t.Errorf("something was delivered: %+v", srv.Letters())
					}
					return
				}
				before := len(srv.Letters())
				if r := conn.Send(t.Context(), envelope, letter); r.Class() != mailer.Accepted {
					t.Fatalf("the next letter: %v", r)
				}
				if got := srv.Letters(); len(got) != before+1 || got[before].Text != string(letter) {
					t.Errorf("the next letter arrived as %+v", got)
				}
			})
		}
	}
}

func TestSilenceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script smtptest.Script
		class  mailer.Class
	}{
		"before the dot": {smtptest.Script{Rcpt: onceTo(smtptest.Silence)}, mailer.NotSent},
		"after the dot":  {smtptest.Script{Dot: func(smtptest.Letter) string { return smtptest.Silence }}, mailer.Ambiguous},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			script := c.script
			if rcpt := script.Rcpt; rcpt != nil {
				script.Rcpt = func(to string) string { cancel(); return rcpt(to) }
			} else {
				script.Dot = func(smtptest.Letter) string { cancel(); return smtptest.Silence }
			}
			srv := smtptest.Start(t, script)
			conn := mustConnect(t, config(srv))
			if r := conn.Send(ctx, envelope, letter); r.Class() != c.class {
				t.Errorf("%v is %v, want %v", r, r.Class(), c.class)
			}
			if conn.Ready() {
				t.Error("the connection is used on")
			}
		})
	}
}
