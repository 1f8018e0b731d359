//go:build unix

package mailer_test

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
)

// sink takes every letter as fast as it can be read: the benchmark measures
// the sender.
func sink(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go swallow(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func swallow(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 64<<10)
	out := []byte("220 sink\r\n")
	for {
		if r.Buffered() == 0 {
			if _, err := c.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		switch {
		case bytes.HasPrefix(line, []byte("EHLO")):
			out = append(out, "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"...)
		case bytes.HasPrefix(line, []byte("DATA")):
			if _, err := c.Write(append(out, "354 go\r\n"...)); err != nil {
				return
			}
			out = out[:0]
			for !bytes.Equal(line, []byte(".\r\n")) {
				if line, err = r.ReadSlice('\n'); err != nil {
					return
				}
			}
			fallthrough
		default:
			out = append(out, "250 ok\r\n"...)
		}
	}
}

// benchStencil renders a letter of about 20 KB.
type benchStencil struct{ body string }

func (s benchStencil) Letter(p mailer.Personal) ([]byte, error) {
	out := make([]byte, 0, len(s.body)+512)
	out = append(out, "From: News <news@blog.example>\r\nTo: "+p.To+"\r\nSubject: hi\r\nDate: "...)
	out = p.Date.UTC().AppendFormat(out, time.RFC1123Z)
	out = append(out, "\r\nMessage-ID: <"+p.MessageID+">\r\nMIME-Version: 1.0\r\n\r\n"...)
	return append(out, s.body...), nil
}

// BenchmarkDispatchSMTP sends b.N letters from the database to a sink: in this
// process, or at the port TIDINGS_SINK.
func BenchmarkDispatchSMTP(b *testing.B) {
	for _, conns := range []int{4, 16, 64} {
		b.Run(strconv.Itoa(conns)+"-connections", func(b *testing.B) {
			port, err := strconv.Atoi(os.Getenv("TIDINGS_SINK"))
			if err != nil {
				port = sink(b)
			}
			r := newRig(b, b.TempDir())
			r.issue(b, "weekly", b.N)
			tr, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: port, Security: smtp.None, Clock: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			c := r.config(tr)
			c.Connections = conns
			stencil := benchStencil{strings.Repeat("<p>abcdefghij klmnopqrst uvwxyz 0123456789 abcdefghij klmn</p>\r\n", 310)}
			c.Parse = func([]byte) (mailer.Stencil, error) { return stencil, nil }
			d := mailer.NewDispatcher(c)
			before := cpu(b)
			b.ReportAllocs()
			b.ResetTimer()
			if err := d.Drain(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
			b.ReportMetric(float64(b.N)/(cpu(b)-before).Seconds(), "letters/cpu-s")
			if got := r.states(b)["sent"]; got != b.N {
				b.Fatalf("%d of %d letters sent", got, b.N)
			}
		})
	}
}

// cpu is the processor time of this process, sink included.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
