//go:build unix

package mailer_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/dkim"
	"tidings.example/mailer/smtp"
)

// BenchmarkDispatchSigned is BenchmarkDispatchSMTP over 16 connections with
// signed letters of 37.7 KB. With TIDINGS_SINK the sink is another process.
func BenchmarkDispatchSigned(b *testing.B) {
	line := "=E6=AF=8F=E5=91=A8 words of a letter as it goes out, half of them quoted =\r\n"
	stencil := benchStencil{strings.Repeat(line, 37_700/len(line))}
	for _, algorithms := range [][]string{nil, {"ed25519"}, {"rsa"}, {"rsa", "ed25519"}} {
		b.Run(strings.Join(append([]string{"keys"}, algorithms...), "-"), func(b *testing.B) {
			port, err := strconv.Atoi(os.Getenv("TIDINGS_SINK"))
			if err != nil {
				port = sink(b)
			}
			r := newRig(b, b.TempDir())
			for _, a := range algorithms {
				r.addKey(b, "blog.example", a, dkim.Algorithm(a))
			}
			r.issue(b, "weekly", b.N)
			tr, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: port, Security: smtp.None, Clock: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			c := r.config(tr)
			c.Connections = 16
			c.Parse = func([]byte) (mailer.Stencil, error) { return stencil, nil }
			c.Signer = mailer.NewDKIM(r.db, algorithms)
			before := cpu(b)
			b.ResetTimer()
			if err := mailer.NewDispatcher(c).Drain(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/(cpu(b)-before).Seconds(), "letters/cpu-s")
			if got := r.states(b)["sent"]; got != b.N {
				b.Fatalf("%d of %d letters sent", got, b.N)
			}
		})
	}
}
