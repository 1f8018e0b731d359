package feed

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"
)

// Throttle is a limit on what one reader may ask: so many requests a minute,
// after a store of more. It is for [Server.SetThrottle]. It holds the same memory
// for a hundred readers and for a million, and may be used by many goroutines.
type Throttle struct {
	every, store time.Duration // one request's worth; the most that may be ahead
	now          func() time.Time
	seed         maphash.Seed
	// rows hold when a reader's store is full again, in Unix nanoseconds. Readers
	// that share a place in one row hardly ever share one in the other: who is
	// over the limit in both is.
	rows [2][places]atomic.Int64
}

const places = 1 << 13

// NewThrottle returns a limit of so many requests a minute once the store of
// more is used up.
func NewThrottle(perMinute, store int, now func() time.Time) *Throttle {
	every := time.Minute / time.Duration(perMinute)
	return &Throttle{every: every, store: time.Duration(store) * every, now: now, seed: maphash.MakeSeed()}
}

// Wait is for how long the reader who asks should stay away, 0 where it is
// welcome. A reader is an IPv4 address or an IPv6 network of 64 bits. One that
// comes from a machine or network of our own is the one that the proxy there
// names in X-Forwarded-For; where that names nobody there is no limit, since
// all readers would share it.
func (t *Throttle) Wait(r *http.Request) time.Duration {
	who, ok := reader(r)
	if !ok {
		return 0
	}
	key := who.As16()
	sum := maphash.Bytes(t.seed, key[:])
	now := t.now().UnixNano()
	a, b := &t.rows[0][sum%places], &t.rows[1][sum>>32%places]
	if wait := min(t.over(a, now), t.over(b, now)); wait > 0 {
		return wait
	}
	t.take(a, now)
	t.take(b, now)
	return 0
}

// over is how far one more request would be over the limit.
func (t *Throttle) over(place *atomic.Int64, now int64) time.Duration {
	return max(0, time.Duration(place.Load()-now)+t.every-t.store)
}

// take counts a request.
func (t *Throttle) take(place *atomic.Int64, now int64) {
	for {
		// A clock that was set back must not keep a reader out for as long.
		full := place.Load()
		next := min(max(full, now), now+int64(t.store)) + int64(t.every)
		if place.CompareAndSwap(full, next) {
			return
		}
	}
}

// reader finds who asks.
func reader(r *http.Request) (netip.Addr, bool) {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && !ours(peer.Addr()) {
		return network(peer.Addr()), true
	}
	// The last name was written by our own proxy, those before it by anybody.
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for list := lines[i]; list != ""; {
			var name string
			if at := strings.LastIndexByte(list, ','); at >= 0 {
				list, name = list[:at], list[at+1:]
			} else {
				list, name = "", list
			}
			ip, ok := named(strings.TrimSpace(name))
			if !ok {
				return ip, false
			}
			if !ours(ip) {
				return network(ip), true
			}
		}
	}
	return netip.Addr{}, false
}

// named reads an address, also with a port.
func named(text string) (netip.Addr, bool) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip, true
	}
	with, err := netip.ParseAddrPort(text)
	return with.Addr(), err == nil
}

// ours tells addresses of this machine and the networks around it.
func ours(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

// network is what one reader has to itself.
func network(ip netip.Addr) netip.Addr {
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ip
	}
	return p.Addr()
}
