package delivery

import "testing"

func TestAnIDNamesADeliveryHoweverItComesBack(t *testing.T) {
	const id ID = "01a220aa-242d-7429-b761-5524c4d2e790"
	for header, want := range map[string]ID{
		string(id) + "@acme.test":                          id,
		"01A220AA-242D-7429-B761-5524C4D2E790@ACME.TEST":   id,
		Reference(id, "acme.test"):                         id,
		string(id):                                         id,
		"01a220aa-242d-7429-b761-5524c4d2e790.x@acme.test": "",
		"01a220aa-242d-7429-b761-5524c4d2e79@acme.test":    "",
		"01a220aa_242d-7429-b761-5524c4d2e790@acme.test":   "",
		"g1a220aa-242d-7429-b761-5524c4d2e790@acme.test":   "",
		"": "", "@acme.test": "",
	} {
		if got, ok := Named(header); got != want || ok != (want != "") {
			t.Errorf("%q names %q (%v), want %q", header, got, ok, want)
		}
	}
}
