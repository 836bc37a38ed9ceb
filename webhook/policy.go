package webhook

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"

	"github.com/smarticks/smarticks/errs"
)

// Allowed is a range of addresses that may be reached on one port although it
// is not public, or the port is not 80 or 443.
type Allowed struct {
	Prefix netip.Prefix
	Port   uint16
}

// String returns the pair as ParseAllow reads it.
func (a Allowed) String() string { return a.Prefix.String() + ":" + strconv.Itoa(int(a.Port)) }

// ParseAllow reads pairs of a prefix and a port, separated by commas:
// "127.0.0.0/8:9999, fd00::/8:443". Empty gives none.
//
// Errors: errs.Invalid.
func ParseAllow(s string) ([]Allowed, error) {
	var list []Allowed
	for pair := range strings.SplitSeq(s, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		i := max(0, strings.LastIndexByte(pair, ':'))
		prefix, err := netip.ParsePrefix(pair[:i])
		if err != nil || prefix != prefix.Masked() {
			return nil, badPair(pair)
		}
		port, err := strconv.ParseUint(pair[i+1:], 10, 16)
		if err != nil || port == 0 {
			return nil, badPair(pair)
		}
		list = append(list, Allowed{prefix, uint16(port)})
	}
	return list, nil
}

func badPair(pair string) error {
	return errs.New("webhook.ParseAllow", errs.Invalid, fmt.Sprintf("%q is not a prefix and a port such as 10.1.0.0/16:443", pair))
}

// refusal is why an address is not dialled.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

// policy decides about each address at the moment it is dialled, after the
// name was resolved, so that no name, notation or change of DNS gets round it.
type policy struct {
	allow  []Allowed
	public *ssrf.Guardian
}

func newPolicy(allow []Allowed) *policy {
	return &policy{allow: allow, public: ssrf.New(ssrf.WithAnyPort())}
}

// control is a net.Dialer's Control.
func (p *policy) control(network, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return &refusal{"the address is not allowed"}
	}
	return p.check(target)
}

func (p *policy) check(target netip.AddrPort) error {
	// ::ffff:127.0.0.1 is 127.0.0.1.
	ip := target.Addr().Unmap()
	for _, a := range p.allow {
		if a.Port == target.Port() && a.Prefix.Contains(ip) {
			return nil
		}
	}
	if p.public.SafeAddr(ip) != nil {
		return &refusal{"the address " + ip.String() + " is not allowed"}
	}
	if port := target.Port(); port != 80 && port != 443 {
		return &refusal{"port " + strconv.Itoa(int(port)) + " is not allowed"}
	}
	return nil
}
