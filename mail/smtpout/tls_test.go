package smtpout

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

func TestNoPlaintextWhenTLSIsRequired(t *testing.T) {
	r := startRelay(t, &relay{}) // offers no STARTTLS
	got := newSender(t, strings.Replace(r.url, "smtp://", "smtp://u:p@", 1)+"?starttls=required").Send(t.Context(),
		example("ann@example.com"), nothing)
	commands, _ := r.seen()
	if got.State != delivery.AttemptDeferred || len(commands) != 1 {
		t.Errorf("%+v after %q", got, commands)
	}
	r = startRelay(t, &relay{tls: &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}})
	got = newSender(t, strings.Replace(r.url, "smtp://", "smtp://u:p@", 1)+"?starttls=required").Send(t.Context(),
		example("ann@example.com"), nothing)
	commands, _ = r.seen()
	if got.State != delivery.AttemptDeferred || strings.Contains(strings.Join(commands, " "), "AUTH") {
		t.Errorf("unknown certificate: %+v after %q", got, commands)
	}
}

func TestTLSCarriesTheMail(t *testing.T) {
	cert := selfSigned(t)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, smtps := range []bool{false, true} {
		r := startRelay(t, &relay{tls: &tls.Config{Certificates: []tls.Certificate{cert}}, smtps: smtps})
		if !smtps {
			r.url += "?starttls=required"
		}
		s := newSender(t, r.url)
		s.roots = x509.NewCertPool()
		s.roots.AddCert(leaf)
		got := s.Send(t.Context(), example("ann@example.com"), nothing)
		if _, contents := r.seen(); got.State != delivery.AttemptSent || len(contents) != 1 {
			t.Errorf("smtps %v: %+v, %d mails", smtps, got, len(contents))
		}
	}
}

func TestPasswordIsSentAndItsRefusalDefers(t *testing.T) {
	r := startRelay(t, &relay{answers: map[string][]string{"auth": {"535 5.7.8 no"}}})
	got := newSender(t, strings.Replace(r.url, "smtp://", "smtp://u:p@", 1)).Send(t.Context(), example("ann@example.com"), nothing)
	if got.State != delivery.AttemptDeferred || got.Code != 535 || got.Reason != "the relay did not let us in: 535 5.7.8" {
		t.Errorf("%+v", got)
	}
	commands, _ := r.seen()
	if commands[1] != "AUTH PLAIN AHUAcA==" {
		t.Errorf("%q", commands)
	}
}

// selfSigned makes a certificate that nobody trusts.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{bytes.Clone(der)}, PrivateKey: key}
}
