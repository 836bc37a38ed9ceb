package mail

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// Mails of programs that put their parts together in ways of their own: what is the
// text, what is a file, what nobody can know.
func TestOutsidersPartsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	const png, pdf = "iVBORw0KGgo=", "JVBERi0xLjQ="
	html := func(s string) string {
		return "Content-Type: text/html; charset=utf-8\n\n<html><body>" + s + "</body></html>"
	}
	file := func(kind, name, more, content string) string {
		return "Content-Type: " + kind + "; name=\"" + name + "\"\nContent-Disposition: attachment; filename=\"" + name +
			"\"\nContent-Transfer-Encoding: base64" + more + "\n\n" + content
	}
	within := func(kind, boundary string, parts ...string) string {
		return "Content-Type: " + kind + "; boundary=" + boundary + "\n\n--" + boundary + "\n" + strings.Join(parts, "\n--"+boundary+"\n") +
			"\n--" + boundary + "--"
	}
	for name, c := range map[string]struct {
		mail, text, files string
		gap               bool
	}{
		"Apple Mail, text around a file": {mixed("multipart/alternative", "Content-Type: text/plain\n\nBefore.\n\n\nAfter.",
			within("multipart/mixed", "M", html("Before."), file("application/pdf", "Order.pdf", "", pdf), html("After."))),
			"Before.\n\n\nAfter.", "Order.pdf application/pdf 8", false},
		"Outlook, a logo beside a file": {mixed("multipart/mixed",
			within("multipart/related", "R", within("multipart/alternative", "A", "\nHello", html(`Hello<img src="cid:image001.png@01DA.1">`)),
				"Content-Type: image/png; name=\"image001.png\"\nContent-Description: image001.png\nContent-ID: "+
					"<image001.png@01DA.1>\nContent-Transfer-Encoding: base64\n\n"+png),
			file("application/pdf", "Angebot.pdf", "", pdf)), "Hello", "[image001.png image/png 8], Angebot.pdf application/pdf 8", false},
		"Thunderbird, a picture without a reference": {mixed("multipart/mixed", html("See the photo."),
			file("image/jpeg", "IMG_2041.jpeg", "\nContent-ID: <part1.AB@lee.example>", png)), "See the photo.", "IMG_2041.jpeg image/jpeg 8",
			false},
		"a card and a key beside the text": {mixed("multipart/mixed", "\nHello", file("text/vcard", "ann.vcf", "", "QkVHSU46VkNBUkQ="),
			file("application/pgp-keys", "OpenPGP_0xA1.asc", "", png)),
			"Hello", "ann.vcf text/vcard 11, OpenPGP_0xA1.asc application/pgp-keys 8", false},
		"signed by PGP": {mixed("multipart/signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"",
			within("multipart/mixed", "M", "\nPlease cancel it."),
			"Content-Type: application/pgp-signature; name=\"OpenPGP_signature.asc\"\n\n-----BEGIN PGP SIGNATURE-----"), "Please cancel it.",
			"OpenPGP_signature.asc application/pgp-signature 29", false},
		"a scanner without a text": {"From: scan@office.example\nSubject: Scan\n" + file("application/pdf", "scan0001.pdf", "", pdf), "",
			"scan0001.pdf application/pdf 8", false},
		"a fax gateway, named in Japanese": {"From: fax@gateway.example\nSubject: Fax\n" +
			mixed("multipart/mixed", "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B%U%!%C%/%9\x1b(B",
				file("image/tiff", "=?iso-2022-jp?B?GyRCQ21KOD1xGyhCLnRpZg==?=", "", png)), "ファックス", "注文書.tif image/tiff 8", false},
		"a form that sends JSON beside its words": {mixed("multipart/mixed", "\nA request came in.",
			file("application/json", "form.json", "", "e30=")), "A request came in.", "form.json application/json 2", false},
		"base64 without padding, in one line": {"From: ann@lee.example\nContent-Type: text/plain; " +
			"charset=utf-8\nContent-Transfer-Encoding: BASE64 \n\nSGVsbG8sIFdlbHQhIQ", "Hello, Welt!!", "", false},
		"quoted-printable with a soft end at the end": {"From: ann@lee.example\nContent-Type: text/plain; " +
			"charset=windows-1251\nContent-Transfer-Encoding: Quoted-Printable\n\n=CF=F0=E8=E2=E5=F2=\n", "Привет", "", false},
		"a password manager's sealed text": {mixed("multipart/encrypted; protocol=\"application/pgp-encrypted\"",
			"Content-Type: application/pgp-encrypted\n\nVersion: 1",
			"Content-Type: application/octet-stream; name=\"encrypted.asc\"\n\n-----BEGIN PGP MESSAGE-----"), "", "*", true},
	} {
		in := Parse(crlf(c.mail), Envelope{From: "ann@lee.example"})
		if strings.TrimSpace(in.Text) != c.text || c.files != "*" && filesOf(in) != c.files || (in.Gaps != conversation.Gaps{}) != c.gap {
			t.Errorf("%s: text %q, files %s, gaps %+v", name, in.Text, filesOf(in), in.Gaps)
		}
	}
}
