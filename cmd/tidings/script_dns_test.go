package main

import (
	"encoding/json"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings.example/internal/dnstest"
)

// serverOf is the key of a script's name server.
type serverOf struct{}

// nameServer runs a name server of the script's own, whose address is $DNS:
//
//	dns start
//	dns add NAME KIND VALUE    one record more
//	dns set NAME KIND VALUE    in the place of those of the kind
//	dns publish FILE           what tidings --json keys records printed, but MX
func nameServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: dns start|add|set|publish")
	}
	if args[0] == "start" {
		s, err := dnstest.Listen("127.0.0.1:0")
		ts.Check(err)
		ts.Defer(s.Close)
		ts.Setenv("DNS", s.Addr())
		*ts.Value(serverOf{}).(**dnstest.Server) = s
		return
	}
	s := *ts.Value(serverOf{}).(**dnstest.Server)
	switch {
	case s == nil:
		ts.Fatalf("dns start comes first")
	case args[0] == "add" && len(args) == 4:
		s.Add(args[1], args[2], args[3])
	case args[0] == "set" && len(args) == 4:
		s.Set(args[1], args[2], args[3])
	case args[0] == "publish" && len(args) == 2:
		var records []dnsRecord
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &records))
		for _, r := range records {
			if strings.Join(r.Strings, "") != r.Value && r.Type == "TXT" {
				ts.Fatalf("the strings of %s are not its value", r.Name)
			}
			if r.Type == "TXT" {
				s.Set(r.Name, r.Type, r.Value)
			}
		}
	default:
		ts.Fatalf("unknown: dns %s", strings.Join(args, " "))
	}
}
