package store_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store"
)

// notByStore are the methods with a caller that refuse nobody.
var notByStore = map[string]string{
	// The API's guard lets in who may do it at all, and nothing narrows it further.
	"ChangeEndpoint": "guard", "ChangeMailbox": "guard", "ChangeSettings": "guard", "ChangeUser": "guard", "CreateEndpoint": "guard",
	"CreateMailbox": "guard", "CreateToken": "guard", "CreateUser": "guard", "DeleteEndpoint": "guard", "DeleteMailbox": "guard",
	"DeleteTag": "guard", "DeleteUser": "guard", "RenameTag": "guard", "RevokeToken": "guard", "RotateEndpoint": "guard",
	"RotateMailbox": "guard", "RotateToken": "guard", "SteerRollout": "guard", "Customer": "guard", "Customers": "guard",
	// They list what the caller sees.
	"Audit": "lists", "Conversations": "lists", "Deliveries": "lists", "Tags": "lists",
	// They are of the session that asks, or make it.
	"CurrentSession": "own", "Login": "own", "Logout": "own",
	// A customer's, by a link that is signed.
	"RateConversation": "customer",
	// Each conversation is answered for itself.
	"AskRuns": "each",
	// The mailbox is a part of its input: it is invalid, as one that does not exist.
	"OpenConversation": "invalid",
}

// What an agent of another mailbox asks for is not there, whatever the method: the store
// looks, for it alone knows which mailbox a thing is in.
func TestAuthorisationOfEveryMethodWithACaller(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	other := s.house.Mailbox("Other")
	ann, bea := s.house.User("Ann", other.ID), s.house.User("Bea", s.mailbox)
	stranger := access.Caller{User: ann}
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	conv := s.firstConversation(t)
	w, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("by hand", urgent), automation.ModeOn)
	check(t, err)
	field, err := s.CreateField(t.Context(), access.System(),
		conversation.Field{MailboxID: s.mailbox, Name: "Order", Type: conversation.FieldText})
	check(t, err)
	folder, err := s.CreateFolder(t.Context(), access.System(),
		conversation.Folder{MailboxID: s.mailbox, Name: "Urgent", Tags: []string{"urgent"}})
	check(t, err)
	backtest, err := s.CreateBacktest(t.Context(), access.System(), w.ID, 30, nil, nil)
	check(t, err)
	run := automation.RunID(store.NewID())
	s.house.Exec(`INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode, trigger, state,
		seq, origin, created_at, finished_at)
		SELECT $1, $2, mailbox_id, id, version_id, 1, name, 'on', 'event', 'done', 1, 1, now(), now() FROM definitions WHERE id = $3`, run,
		conv, w.ID)
	mail := s.parcel(t, delivery.KindReply, 1)
	values := map[reflect.Type]any{}
	for _, v := range []any{
		conv, s.mailbox, w.ID, field.ID, folder.ID, backtest.ID, run, mail, bea.ID, 1, int64(1), conversation.Page{Limit: 1},
		definition("another", urgent),
		conversation.Field{MailboxID: s.mailbox, Name: "Size", Type: conversation.FieldText},
		conversation.Folder{MailboxID: s.mailbox, Name: "Old", Tags: []string{"old"}},
		conversation.Post{Kind: conversation.MessageNote, Body: "Hi"}, automation.Ask{DefinitionID: w.ID},
		access.PasswordChange{New: "a long enough password"},
	} {
		values[reflect.TypeOf(v)] = v
	}
	call := func(m reflect.Method, who access.Caller) error {
		args := []reflect.Value{reflect.ValueOf(s.Store), reflect.ValueOf(t.Context()), reflect.ValueOf(who)}
		for i := len(args); i < m.Type.NumIn(); i++ {
			arg := reflect.Zero(m.Type.In(i))
			if v, ok := values[m.Type.In(i)]; ok {
				arg = reflect.ValueOf(v)
			} else if arg.Kind() == reflect.Func {
				arg = reflect.MakeFunc(m.Type.In(i), func([]reflect.Value) []reflect.Value {
					return []reflect.Value{reflect.ValueOf(fmt.Errorf("%s let the caller in", m.Name))}
				})
			}
			args = append(args, arg)
		}
		out := m.Func.Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		return err
	}
	isRefused := func(err error) bool { return errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) }
	var refuses []reflect.Method
	for m := range methodsWithCaller() {
		if notByStore[m.Name] == "" {
			refuses = append(refuses, m)
			if err := call(m, stranger); !isRefused(err) {
				t.Errorf("%s lets in an agent of another mailbox (%v). Ask who.In in it, or say in notByStore who refuses", m.Name, err)
			}
		}
	}
	if len(refuses) < 50 {
		t.Errorf("only %d methods refuse: this test would prove nothing", len(refuses))
	}
	// And an admin is let in: it was not for want of the thing itself. What deletes goes last.
	slices.SortStableFunc(refuses, func(a, b reflect.Method) int {
		return strings.Index("D", a.Name[:1]) - strings.Index("D", b.Name[:1])
	})
	for _, m := range refuses {
		if err := call(m, access.System()); isRefused(err) {
			t.Errorf("%s refuses an admin: %v", m.Name, err)
		}
	}
}

// methodsWithCaller are the store's methods that take a context and a caller.
func methodsWithCaller() func(yield func(reflect.Method) bool) {
	return func(yield func(reflect.Method) bool) {
		all := reflect.TypeFor[*store.Store]()
		for i := range all.NumMethod() {
			m := all.Method(i)
			if m.Type.NumIn() > 2 && m.Type.In(1) == reflect.TypeFor[context.Context]() && m.Type.In(2) == reflect.TypeFor[access.Caller]() &&
				!yield(m) {
				return
			}
		}
	}
}
