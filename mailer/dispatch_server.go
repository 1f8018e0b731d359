package mailer

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// server is a server at work.
type server struct {
	Server
	index int
	flow  *flow
	lanes *lanes
	news  news // what the log knows
}

// servers returns those of a configuration.
func (c *DispatcherConfig) servers() []Server {
	if len(c.Servers) == 0 {
		c.Servers = []Server{{Transport: c.Transport, Connections: c.Connections}}
	}
	for i := range c.Servers {
		c.Servers[i].Connections = max(1, c.Servers[i].Connections)
	}
	return c.Servers
}

func newServer(index int, s Server, recent *Recent) *server {
	limits := newAllowance(s.Name, "", s.Limits.Rate, s.Limits.WarmUp, s.Limits.Zone)
	return &server{Server: s, index: index, flow: newFlow(s.Connections, limits), lanes: newLanes(s.Name, s.Limits.Domains, recent)}
}

// remember reads what servers were given before.
func (d *Dispatcher) remember(ctx context.Context) error {
	for _, s := range d.servers {
		s.flow.mu.Lock()
		err := s.flow.limits.load(ctx, d.c.Book, d.c.Recent, d.c.Clock())
		s.flow.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return d.recall(ctx)
}

// keep hands on what servers got lately.
func (d *Dispatcher) keep() {
	now := d.c.Clock()
	for _, s := range d.servers {
		s.flow.mu.Lock()
		s.flow.limits.keep(d.c.Recent, now)
		s.flow.mu.Unlock()
		s.lanes.keep(now)
	}
	d.c.Recent.forget(now)
}

// refund takes back what was counted in advance and not sent.
func (d *Dispatcher) refund(ctx context.Context) error {
	for _, s := range d.servers {
		s.flow.mu.Lock()
		err := s.flow.limits.refund(ctx, d.c.Book, d.c.Clock())
		s.flow.mu.Unlock()
		if err == nil {
			err = s.lanes.refund(ctx, d.c.Book, d.c.Clock())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gate asks the server's flow, and whether it is the server's turn.
func (d *Dispatcher) gate(s *server, now time.Time, index int, reserved, open bool) gate {
	g := s.flow.gate(now, index, reserved, open)
	if reserved && !g.bulk || g.parked {
		return g
	}
	turn, changed := d.scales.stand(s.index, !s.flow.out(now), now)
	if g.bulk && !turn {
		g.bulk, g.changed, g.wait = false, changed, 0
	}
	return g
}

// putBack hands a letter to whoever may send it. false: nobody has room.
func (d *Dispatcher) putBack(l Letter) bool {
	queue := d.bulk
	if l.Notice {
		queue = d.notices
	}
	select {
	case queue <- l:
		return true
	default:
		return false
	}
}

// hopeless says why a drain should wait for none of the servers, or "".
func (d *Dispatcher) hopeless() string {
	var reasons []string
	for _, s := range d.servers {
		why := s.flow.hopeless(d.c.Clock())
		if why == "" {
			return ""
		}
		reasons = append(reasons, s.says(why))
	}
	return strings.Join(reasons, "; ")
}

// says puts the server's name before a reason where it has one.
func (s *server) says(why string) string {
	if s.Name == "" {
		return why
	}
	return fmt.Sprintf("%s: %s", s.Name, why)
}
