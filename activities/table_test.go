package activities

import (
	"testing"

	"github.com/smarticks/smarticks/automation"
)

// Each action of the catalogue is done by a function, and whoever mails to outside says
// to whom: else the limits of mail would not count it.
func TestActions_EachHasItsFunction(t *testing.T) {
	t.Parallel()
	for _, do := range automation.ActionNames() {
		if actions[do] == nil {
			t.Errorf("%s has no function: write it in activities and give it a line of the table in activities/actions.go", do)
		}
		reach := automation.Action{Do: do}.Effects().Reach
		mails := reach == automation.ReachCustomer || reach == automation.ReachForward
		if mails != (addressees[do] != nil) {
			t.Errorf("%s reaches %s: addressees in activities/addressed.go say to whom mail goes, and only for what mails to outside", do, reach)
		}
	}
	for do := range actions {
		if automation.ActionKeys(do) == nil {
			t.Errorf("%s is done and is in no catalogue: give it an entry in automation/actions.go", do)
		}
	}
}
