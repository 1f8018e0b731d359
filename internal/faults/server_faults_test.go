package faults

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// serverFault is a fault of the ledger's list.
type serverFault struct {
	name   string
	script func(f *front) smtptest.Script
	bare   func(c net.Conn)
	port   func(t *testing.T, f *front) int // nil is the front's
	smtp   string                           // lines of [mail.smtp]
	// copies is how many extra ones may go out.
	copies int
	// waits are the times between the runs; the server is mended after the
	// first. nil is one run six minutes later.
	waits []time.Duration
	// stays: the server is never mended.
	stays bool
}

// to answers a RCPT for some readers.
func to(pick func(n int) bool, said string) func(string) string {
	return func(address string) string {
		if pick(number(address)) {
			return said
		}
		return ""
	}
}

// number is that of a reader's address.
func number(address string) (n int) {
	_, _ = fmt.Sscanf(address, "r%d@", &n)
	return n
}

func only(k int) func(int) bool  { return func(n int) bool { return n == k } }
func every(k int) func(int) bool { return func(n int) bool { return n%k == 0 } }

// times answers the first so many times for each reader.
func times(most int, pick func(int) bool, said string) func(string) string {
	var mu sync.Mutex
	seen := map[string]int{}
	return func(address string) string {
		mu.Lock()
		defer mu.Unlock()
		if !pick(number(address)) || seen[address] >= most {
			return ""
		}
		seen[address]++
		return said
	}
}

// dot is the answer to a letter by its reader.
func dot(f func(string) string) func(smtptest.Letter) string {
	return func(l smtptest.Letter) string { return f(l.To) }
}

// speaks says a greeting and answers each line as told; "" ends it.
func speaks(greeting string, answer func(line string) string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := c.Write([]byte(greeting)); err != nil {
			return
		}
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			said := answer(line)
			if said == "" {
				return
			}
			if _, err := c.Write([]byte(said)); err != nil {
				return
			}
		}
	}
}

// silent reads and says nothing.
func silent(c net.Conn) {
	for buffer := make([]byte, 4096); ; {
		if _, err := c.Read(buffer); err != nil {
			return
		}
	}
}

// hangs says that TLS may begin, and says no more.
func hangs(c net.Conn) {
	speaks("220 mx\r\n", func(line string) string {
		if strings.HasPrefix(line, "EHLO") {
			return "250-mx\r\n250 STARTTLS\r\n"
		}
		if _, err := c.Write([]byte("220 go\r\n")); err == nil {
			silent(c)
		}
		return ""
	})(c)
}

// dribbles says a greeting a byte at a time, without an end.
func dribbles(c net.Conn) {
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		if _, err := c.Write([]byte("2")); err != nil {
			tick.Stop()
			return
		}
	}
}

func setUp(certificates certificates) []serverFault {
	tls := "ca_file = " + fmt.Sprintf("%q", certificates.file) + "\n"
	login := fmt.Sprintf("username = \"ann\"\npassword_file = %q\n", certificates.password)
	return []serverFault{
		{name: "refused", port: func(_ *testing.T, f *front) int { f.close(); return f.port }},
		{name: "black hole", port: func(t *testing.T, _ *front) int { return hole(t) }, smtp: `timeouts = { connect = "1s" }` + "\n", stays: true},
		{name: "no greeting", bare: silent, smtp: hasty},
		{name: "greeting 554", script: func(f *front) smtptest.Script {
			return smtptest.Script{Greeting: f.during("554 5.7.1 we take nothing from you")}
		}},
		{name: "greeting 421", script: func(f *front) smtptest.Script {
			return smtptest.Script{Greeting: f.during("421 4.3.2 not now")}
		}},
		{name: "EHLO refused", script: func(f *front) smtptest.Script { return smtptest.Script{Hello: f.during("550 5.7.1 not you")} }},
		{name: "STARTTLS missing", smtp: tls, bare: speaks("220 mx\r\n", func(line string) string {
			return "250 mx\r\n"
		}), script: certificates.good},
		{name: "STARTTLS hangs", smtp: tls + hasty, bare: hangs, script: certificates.good},
		{name: "certificate of an unknown authority", smtp: tls, script: certificates.swap(&certificates.unknown)},
		{name: "certificate expired", smtp: tls, script: certificates.swap(&certificates.expired)},
		{name: "AUTH 535", smtp: login, script: func(f *front) smtptest.Script {
			return smtptest.Script{Username: "ann", Password: "secret", Auth: f.during("535 5.7.8 wrong password")}
		}},
		{name: "AUTH 454", smtp: login, script: func(f *front) smtptest.Script {
			return smtptest.Script{Username: "ann", Password: "secret", Auth: f.during("454 4.7.0 the list of users is away")}
		}},
		{name: "AUTH not offered", smtp: login, bare: speaks("220 mx\r\n", func(string) string { return "250 mx\r\n" }),
			script: func(*front) smtptest.Script { return smtptest.Script{Username: "ann", Password: "secret"} }},
	}
}

func envelope() []serverFault {
	mail := func(said string) func(f *front) smtptest.Script {
		return func(f *front) smtptest.Script {
			return smtptest.Script{Mail: func(string) string { return f.during(said)() }}
		}
	}
	rcpt := func(answer func(string) string) func(f *front) smtptest.Script {
		return func(*front) smtptest.Script { return smtptest.Script{Rcpt: answer} }
	}
	all := func(int) bool { return true }
	days := []time.Duration{6 * time.Minute, 16 * time.Minute, 31 * time.Minute, time.Hour + time.Minute, 2*time.Hour + time.Minute}
	for range 18 {
		days = append(days, 4*time.Hour+time.Minute)
	}
	return []serverFault{
		{name: "MAIL 550", script: mail("550 5.1.8 sender unknown")},
		{name: "MAIL 451", script: mail("451 4.3.0 later")},
		{name: "MAIL 550 5.7.515", script: mail("550 5.7.515 the domain does not sign")},
		{name: "MAIL 421 after 5 letters", script: func(*front) smtptest.Script {
			return smtptest.Script{Farewell: 5}
		}},
		{name: "RCPT 550 5.1.1 for one", script: rcpt(to(only(7), "550 5.1.1 no such user")), stays: true},
		{name: "RCPT 550 for one", script: rcpt(to(only(7), "550 no")), stays: true},
		{name: "RCPT 552 5.2.2 for one", script: rcpt(times(1, only(7), "552 5.2.2 full")), stays: true},
		{name: "RCPT 450 once for each", script: rcpt(times(1, all, "450 4.7.1 greylisted, come back")), stays: true},
		{name: "RCPT 450 for ever for one", script: rcpt(to(only(7), "450 4.2.0 not today")), stays: true, waits: days},
		{name: "RCPT 452 4.5.3 once for some", script: rcpt(times(1, every(10), "452 4.5.3 too many recipients")), stays: true},
		{name: "RCPT 550 5.1.1 for all", script: func(f *front) smtptest.Script {
			return smtptest.Script{Rcpt: func(string) string { return f.during("550 5.1.1 no such user")() }}
		}},
		{name: "RCPT 550 for all", script: func(f *front) smtptest.Script {
			return smtptest.Script{Rcpt: func(string) string { return f.during("550 no")() }}
		}},
		{name: "RCPT 554 5.7.1 for all", script: func(f *front) smtptest.Script {
			return smtptest.Script{Rcpt: func(string) string { return f.during("554 5.7.1 relaying denied")() }}
		}},
	}
}

func content() []serverFault {
	after := func(answer func(string) string) func(f *front) smtptest.Script {
		return func(*front) smtptest.Script { return smtptest.Script{Dot: dot(answer)} }
	}
	return []serverFault{
		{name: "dot 451 for some", script: after(times(1, every(5), "451 4.3.2 later")), stays: true},
		{name: "dot 550 for one", script: after(to(only(7), "550 no")), stays: true},
		{name: "dot 554 5.7.1 for one", script: func(f *front) smtptest.Script {
			// Not the first letter: that one would stop the run.
			return smtptest.Script{Dot: dot(to(only(35), "554 5.7.1 it looks like spam"))}
		}, stays: true},
		{name: "dot 554 5.7.1 for all", script: func(f *front) smtptest.Script {
			return smtptest.Script{Dot: func(smtptest.Letter) string { return f.during("554 5.7.1 it looks like spam")() }}
		}},
		{name: "the 250 is lost", script: after(times(1, every(10), smtptest.Lost)), stays: true, copies: 4},
		{name: "EOF before it is taken", script: after(times(1, every(10), smtptest.Hangup)), stays: true},
		{name: "250 after a while", script: after(func(address string) string {
			if number(address) == 3 {
				<-time.After(3 * time.Second)
			}
			return ""
		}), smtp: `timeouts = { command = "2s", data = "2s", block = "2s" }` + "\n", stays: true},
		{name: "250 never comes", script: after(times(1, only(3), smtptest.Silence)), smtp: `timeouts = { dot = "2s" }` + "\n", stays: true},
		{name: "reset in the body", script: func(f *front) smtptest.Script {
			var once sync.Once
			return smtptest.Script{Body: func(int) (said string) {
				once.Do(func() { said = smtptest.Hangup })
				return said
			}}
		}, stays: true},
		{name: "garbage", bare: speaks("220 mx\r\n", func(string) string { return "\x00\xff what is this?\r\n" })},
		{name: "endless reply", bare: func(c net.Conn) {
			for line := []byte("220-" + strings.Repeat("x", 500) + "\r\n"); ; {
				if _, err := c.Write(line); err != nil {
					return
				}
			}
		}},
		{name: "dribbled reply", bare: dribbles, smtp: hasty},
		{name: "RSET dropped", script: func(*front) smtptest.Script {
			return smtptest.Script{Rcpt: to(every(15), "550 5.1.1 no such user"), Reset: func() string { return smtptest.Hangup }}
		}, stays: true},
		{name: "every fifth answer is 4xx", script: func(*front) smtptest.Script {
			return smtptest.Script{Rcpt: mood("450 4.2.0 later", 1), Dot: dot(mood("451 4.3.0 later", 2))}
		}, stays: true, waits: []time.Duration{6 * time.Minute, 16 * time.Minute, 31 * time.Minute, 61 * time.Minute, 121 * time.Minute}},
		{name: "7 letters for each connection", script: func(*front) smtptest.Script {
			return smtptest.Script{Dot: func(l smtptest.Letter) string {
				if l.Nth == 7 {
					return "250 2.0.0 taken, and goodbye" + smtptest.Goodbye
				}
				return ""
			}}
		}, stays: true},
		{name: "SIZE too small", script: func(f *front) smtptest.Script {
			return smtptest.Script{Extensions: []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE 1000"}}
		}, stays: true},
	}
}

// mood answers a fifth of the first three attempts, the same ones each time.
func mood(said string, seed int) func(string) string {
	var mu sync.Mutex
	tries := map[string]int{}
	return func(address string) string {
		mu.Lock()
		defer mu.Unlock()
		tries[address]++
		h := fnv.New32a()
		fmt.Fprintf(h, "%s %d %d", address, tries[address], seed)
		if tries[address] <= 3 && h.Sum32()%5 == 0 {
			return said
		}
		return ""
	}
}
