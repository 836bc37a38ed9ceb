package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// deadlock ends the first n transactions that write to the audit, as a deadlock would.
func (s *shop) deadlock(n int) {
	s.t.Helper()
	s.house.Exec(`CREATE SEQUENCE audit_tries`)
	s.house.Exec(`CREATE FUNCTION audit_deadlocks() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
		IF nextval('audit_tries') <= TG_ARGV[0]::bigint THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
		RETURN NEW; END $$`)
	s.house.Exec(fmt.Sprintf(`CREATE TRIGGER audit_deadlock BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_deadlocks(%d)`, n))
}

func TestARepeatedTransactionSeesNothingOfItsFirstTry(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	id := s.begin(t, delivery.KindWebhook, time.Minute)
	check(t, s.Finish(t.Context(), delivery.Ended{ID: id, Attempt: 1, Result: delivery.Result{State: delivery.AttemptFailed},
		State: delivery.StateFailed}))
	s.deadlock(1)
	d, err := s.Redeliver(t.Context(), access.System(), id)
	check(t, err)
	if tries := s.house.Number(`SELECT last_value::int FROM audit_tries`); tries != 2 || d.State != delivery.StateWaiting {
		t.Fatalf("%d tries, the delivery is %s", tries, d.State)
	}
	if before := s.house.Text(`SELECT before ->> 'state' FROM audit WHERE object_kind = 'delivery'`); before != "failed" {
		t.Errorf("the audit says that the delivery was %q before: that is what the first try made of it", before)
	}
}

func TestATransactionIsGivenUpAfterFourTriesAndReturnsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.deadlock(4)
	f, err := s.CreateFolder(t.Context(), access.System(), conversation.Folder{MailboxID: s.mailbox, Name: "Urgent", Tags: []string{"urgent"}})
	if !errs.Is(err, errs.Unavailable) || f.ID != "" {
		t.Fatalf("%+v, %v", f, err)
	}
	if tries := s.house.Number(`SELECT last_value::int FROM audit_tries`); tries != 4 {
		t.Errorf("%d tries", tries)
	}
}
