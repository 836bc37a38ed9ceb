package automation

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestWhatAManualRunMustBeConfirmedFor(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	reply, webhook := Action{Do: DoReply, Body: "x"}, Action{Do: DoWebhook, URL: "https://erp.example/x"}
	for _, c := range []struct {
		name    string
		typ     Type
		confirm *bool
		actions []Action
		want    bool
	}{
		{"a tag", TypeManual, nil, []Action{{Do: DoAddTags, Tags: []string{"x"}}}, false},
		{"a tag, but it asks", TypeManual, &yes, []Action{{Do: DoAddTags, Tags: []string{"x"}}}, true},
		{"a reply", TypeManual, nil, []Action{reply}, true},
		{"a reply, but it does not ask", TypeManual, &no, []Action{reply}, false},
		{"a mail", TypeManual, nil, []Action{{Do: DoEmail, Subject: "x", Body: "x"}}, true},
		{"a mail to others", TypeManual, nil, []Action{{Do: DoForward, To: []string{"a@b.example"}, Body: "x"}}, true},
		{"delete", TypeManual, nil, []Action{{Do: DoDelete}}, true},
		{"delete for ever", TypeManual, nil, []Action{{Do: DoDeleteForever}}, true},
		{"a webhook", TypeManual, nil, []Action{webhook}, false},
		{"a notification and a note", TypeManual, nil, []Action{{Do: DoNotify, To: []string{ToAssignee}, Body: "x"}, {Do: DoNote, Body: "x"}},
			false},
		{"what is never done", TypeManual, nil, []Action{{Do: DoStop}, reply}, false},
		{"nobody to ask", TypeAutomatic, nil, []Action{reply}, false},
	} {
		if got := (Definition{Type: c.typ, Confirm: c.confirm, Actions: c.actions}).NeedsConfirmation(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
	d := Definition{Type: TypeManual, Actions: []Action{{Do: DoNote, Body: "x"}, webhook, reply, {Do: DoStop}, {Do: DoDelete}}}
	want := []Consequence{{1, DoWebhook, ReachWebhook, "call the webhook https://erp.example/x"},
		{2, DoReply, ReachCustomer, "reply to the customer"}}
	if got := d.Consequences(nil); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestConfirmAndAsAreReadAndWrittenAgain(t *testing.T) {
	t.Parallel()
	for text, sentence := range map[string]string{
		`{"actions":[{"as":"agent","body":"x","do":"note"}],"confirm":true,"name":"A","type":"manual"}`:  "who runs it must confirm it first",
		`{"actions":[{"as":"agent","body":"x","do":"note"}],"confirm":false,"name":"A","type":"manual"}`: "who runs it need not confirm it",
		`{"actions":[{"as":"agent","body":"x","do":"note"}],"name":"A","type":"manual"}`: "then add a note as the agent who " +
			"runs the workflow",
	} {
		d, decoded := Decode(written(t, text))
		_, compiled := Compile(d)
		if len(decoded)+len(compiled) > 0 {
			t.Fatalf("%s: %v %v", text, decoded, compiled)
		}
		again, err := json.Marshal(Encode(d))
		if err != nil || string(again) != text {
			t.Errorf("%s came back as %s (%v)", text, again, err)
		}
		said := d.Sentences(nil)
		if said[len(said)-1] != sentence {
			t.Errorf("%s says %q", text, said)
		}
	}
}
