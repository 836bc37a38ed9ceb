package conversation_test

import (
	"slices"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// Addresses as an outsider would make them up: none of them stands elsewhere.

func TestOutsidersKeysOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"Hilfe+Rückgabe@MÜNCHEN.example": {"hilfe+rückgabe@xn--mnchen-3ya.example", "hilfe@xn--mnchen-3ya.example"},
		"apoio+pedido+77@ação.example":   {"apoio+pedido+77@xn--ao-siap.example", "apoio@xn--ao-siap.example"},
		"+48221234567@faks.example":      {"+48221234567@faks.example"},
		"obsługa@plus+minus.example":     {"obsługa@plus+minus.example"},
		"помощь@почта.example.":          {"помощь@xn--80a1acny.example"},
		" TUKI@Ääkköset.Example ":        {"tuki@xn--kkset-fraa0m.example"},
		"sin-arroba":                     {"sin-arroba"},
		"doble@arroba+x@correo.example":  {"doble@arroba+x@correo.example", "doble@arroba@correo.example"},
		"ninguem+@correio.example":       {"ninguem+@correio.example", "ninguem@correio.example"},
		"お客様+1@xn--r8jz45g.例え.example":   {"お客様+1@xn--r8jz45g.xn--r8jz45g.example", "お客様@xn--r8jz45g.xn--r8jz45g.example"},
	} {
		if got := conversation.AddressKeys(address); !slices.Equal(got, want) {
			t.Errorf("%q has the keys %q, want %q", address, got, want)
		}
	}
}

// Automatic mail is counted by the person, whatever the other side puts into the
// address for each mail.
func TestOutsidersAreOneRecipient(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"sav@boutique.example", "SAV+ticket-1@boutique.example", "sav+ticket-2@Boutique.Example."},
		{"klant@één.example", "klant+7@xn--n-9faa.example", "KLANT@ÉÉN.example"},
		{"support+id100@desk.example", "support+id101@desk.example"},
	} {
		for _, a := range same {
			if conversation.RecipientKey(a) != conversation.RecipientKey(same[0]) {
				t.Errorf("%q is another recipient than %q", a, same[0])
			}
		}
	}
	for _, differ := range [][2]string{
		{"a@desk.example", "b@desk.example"}, {"a@desk.example", "a@other.example"}, {"+48221@faks.example", "+48222@faks.example"},
		{"a.b@desk.example", "ab@desk.example"},
	} {
		if conversation.RecipientKey(differ[0]) == conversation.RecipientKey(differ[1]) {
			t.Errorf("%q and %q are one recipient", differ[0], differ[1])
		}
	}
}

func TestOutsidersSubjectsOfOneMatter(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"[Chamado 881] Recebemos a sua solicitação", "RES: [Chamado 882] Recebemos a sua solicitação (protocolo2026-11)",
			"ENC: Recebemos a sua solicitação!"},
		{"Votre demande a été reçue", "TR: votre demande nº4711 a été reçue", "Re: [SAV-9] Votre demande a été reçue."},
		{"Заявка принята", "Отв: Заявка №1234 принята", "[Desk #5] заявка принята"},
		{"Sprawa zarejestrowana", "Odp: Sprawa SPR/2026/11/0042 zarejestrowana", "Sprawa zarejestrowana — sprawa zarejestrowana"},
		{"Saatiin viestisi", "VS: Saatiin viestisi 28.11.2026", "Sv: [1] SAATIIN VIESTISI"},
	} {
		for _, s := range same {
			if conversation.SubjectKey(s) != conversation.SubjectKey(same[0]) {
				t.Errorf("%q is about something else than %q", s, same[0])
			}
		}
	}
	for _, differ := range [][2]string{{"Rechnung offen", "Rechnung bezahlt"}, {"Ваш заказ", "Ваша заявка"}, {"Colis perdu", "Colis"}} {
		if conversation.SubjectKey(differ[0]) == conversation.SubjectKey(differ[1]) {
			t.Errorf("%q and %q are about the same", differ[0], differ[1])
		}
	}
}
