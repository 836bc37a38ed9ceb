package webhook

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/errs"
)

// forbidden are addresses that no webhook reaches by default: at least one of
// each special range, its edges where they matter.
var forbidden = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.5", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
	"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1",
	"192.168.255.255",
	"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
	"64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1",
	"2001:db8::1", "2002::1", "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fdff::1", "fe80::1",
	"fe80::1%eth0",
	"febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1", "2001:4860:4860::8888%eth0",
}

var public = []string{"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
	"198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111", "::ffff:8.8.8.8"}

func TestSpecialAddressesAreRefused(t *testing.T) {
	p := newPolicy(nil)
	for _, s := range forbidden {
		for _, port := range []uint16{80, 443, 8080} {
			err := p.check(netip.AddrPortFrom(netip.MustParseAddr(s), port))
			if err == nil || !strings.HasPrefix(err.Error(), "the address ") {
				t.Errorf("%s port %d: %v", s, port, err)
			}
		}
	}
	for _, s := range public {
		addr := netip.MustParseAddr(s)
		for _, port := range []uint16{80, 443} {
			if err := p.check(netip.AddrPortFrom(addr, port)); err != nil {
				t.Errorf("%s port %d: %v", s, port, err)
			}
		}
		for _, port := range []uint16{1, 22, 25, 8080, 65535} {
			if err := p.check(netip.AddrPortFrom(addr, port)); err == nil || !strings.HasPrefix(err.Error(), "port ") {
				t.Errorf("%s port %d: %v", s, port, err)
			}
		}
	}
}

func TestAllowedPairsOpenNothingElse(t *testing.T) {
	allow, err := ParseAllow(" 127.0.0.0/8:9999,10.1.0.0/16:443, fd00::/8:443,8.8.8.8/32:8443 ,")
	if err != nil {
		t.Fatal(err)
	}
	p := newPolicy(allow)
	for s, want := range map[string]bool{
		"127.0.0.1:9999": true, "[::ffff:127.0.0.1]:9999": true, "127.0.0.1:9998": false, "127.0.0.1:443": false, "10.1.2.3:443": true,
		"10.2.0.1:443": false, "[fd12::1]:443": true, "[fd12::1]:80": false, "[fd12::1%eth0]:443": false, "8.8.8.8:8443": true,
		"8.8.8.9:8443": false, "[::1]:9999": false,
	} {
		if got := p.control("tcp4", s, nil) == nil; got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	if p.control("udp4", "8.8.8.8:443", nil) == nil || p.control("tcp4", "nonsense", nil) == nil || p.control("unix", "/x", nil) == nil {
		t.Error("a strange network is let through")
	}
	var back []string
	for _, a := range allow {
		back = append(back, a.String())
	}
	if got := strings.Join(back, ","); got != "127.0.0.0/8:9999,10.1.0.0/16:443,fd00::/8:443,8.8.8.8/32:8443" {
		t.Error(got)
	}
}

func TestBadPairsAreRefused(t *testing.T) {
	for _, s := range []string{"127.0.0.1:80", "127.0.0.0/8", "127.0.0.0/8:", "127.0.0.0/8:0", "127.0.0.0/8:65536", "127.0.0.0/8:*",
		"127.0.0.1/8:80", "x/8:1", ":", "127.0.0.0/8:80 10.0.0.0/8:80"} {
		if got, err := ParseAllow(s); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if got, err := ParseAllow(""); got != nil || err != nil {
		t.Error(got, err)
	}
	for _, cfg := range []Config{{Timeout: -1}, {MaxReplyBytes: -1}, {MaxBodyBytes: -1}, {Allow: []Allowed{{}}}} {
		if _, err := New(cfg); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func TestURLsAndHeadersAreCheckedWhenSaved(t *testing.T) {
	for _, s := range []string{"https://erp.example/refunds?a=b#c", "http://127.0.0.1:9999/", "http://[::1]/",
		"https://xn--bcher-kva.example"} {
		if err := CheckURL(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{"", "erp.example", "ftp://x", "file:///etc/passwd", "gopher://x", "javascript:x", "//x", "http://",
		"http:///x", "http:x", "https://u@x", "https://u:p@x",
		"http://x:0/", "http://x:65536/", "http://x:y/", "http://[fe80::1%25eth0]/", "http://x\r\n/", "http://x y/", "http://%31/",
		"https://x/" + strings.Repeat("y", 2000)} {
		if err := CheckURL(s); !errs.Is(err, errs.Invalid) {
			t.Errorf("%.40q: %v", s, err)
		}
	}
	for name, value := range map[string]string{"Authorization": "Bearer x", "X-Api-Key": "y"} {
		if err := CheckHeader(name, value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, value := range map[string]string{"": "x", "A b": "x", "A": "x\r\nB: c", "B": "x\x00", "host": "x", "webhook-id": "x",
		"WEBHOOK-SIGNATURE": "x",
		"x-smarticks-event": "x", "X-Smarticks-Cause": "x", "X-Smarticks-Anything": "x", "Webhook-Anything": "x", "Accept-Encoding": "gzip",
		"User-Agent": "x", "TE": "trailers", "Connection": "x", "Transfer-Encoding": "x", "content-length": "1", "Proxy-Authorization": "x",
		"Content-Type": "x", "Expect": "100-continue"} {
		if err := CheckHeader(name, value); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
