package automation

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func hooked(actions ...Action) Definition {
	return Definition{Name: "a", Type: TypeManual, MaxRuns: 1, Actions: actions}
}

func webhookTo(address string, headers map[string]string) Action {
	return Action{Do: DoWebhook, URL: address, Headers: headers}
}

func TestSecretsAreHiddenAndPutBack(t *testing.T) {
	t.Parallel()
	secret := func(v string) map[string]string { return map[string]string{"Authorization": v, "X-Tenant": v + "2"} }
	old := hooked(
		webhookTo("https://a.example/x?key=SECRET1", secret("SECRET2")),
		Action{Do: DoNote, Body: "no secret"},
		webhookTo("https://b.example/y", secret("SECRET3")),
		Action{Do: DoWebhook, Endpoint: "erp", Event: "e", Headers: secret("SECRET4")},
	)
	old.Tests = []Test{{Name: "t", Expect: Expectation{Actions: []ExpectedAction{
		{Action: webhookTo("https://a.example/x?key=SECRET1", map[string]string{"Authorization": "SECRET2"})}}}}}
	shown := old.WithoutSecrets()
	if text := fmt.Sprint(Encode(shown)); strings.Contains(text, "SECRET") {
		t.Errorf("a secret is shown: %s", text)
	}
	if !strings.Contains(fmt.Sprint(Encode(old)), "SECRET1") {
		t.Error("the definition itself was changed")
	}
	if _, bad := Compile(shown); len(bad) != 7 {
		t.Errorf("what is hidden may be saved: %v", bad)
	}
	if back := shown.WithSecretsOf(old); !reflect.DeepEqual(Encode(back), Encode(old)) {
		t.Errorf("put back: %v, want %v", Encode(back), Encode(old))
	}

	// What is put back, and what is not.
	hidden := map[string]string{"authorization": Hidden}
	for name, c := range map[string]struct {
		is   Action
		want string // the header's value, or the query's
	}{
		"another place":            {webhookTo("https://b.example/y", hidden), "SECRET3"},
		"another query":            {webhookTo("https://a.example/x?"+"other=1", hidden), "SECRET2"},
		"another method":           {Action{Do: DoWebhook, URL: "https://b.example/y", Method: "PUT", Headers: hidden}, "SECRET3"},
		"the same endpoint":        {Action{Do: DoWebhook, Endpoint: "erp", Event: "f", Headers: hidden}, "SECRET4"},
		"another host":             {webhookTo("https://evil.example/x", hidden), Hidden},
		"another path":             {webhookTo("https://b.example/z", hidden), Hidden},
		"another endpoint":         {Action{Do: DoWebhook, Endpoint: "evil", Event: "e", Headers: hidden}, Hidden},
		"http instead of https":    {webhookTo("http://b.example/y", hidden), Hidden},
		"a header that is not his": {webhookTo("https://b.example/y", map[string]string{"X-Else": Hidden}), Hidden},
		"a value of its own":       {webhookTo("https://b.example/y", map[string]string{"authorization": "mine"}), "mine"},
	} {
		got := hooked(Action{Do: DoNote, Body: "x"}, Action{Do: DoNote, Body: "x"}, c.is).WithSecretsOf(old).Actions[2]
		for _, v := range got.Headers {
			if v != c.want {
				t.Errorf("%s: %q, want %q", name, v, c.want)
			}
		}
	}
	if got := hooked(webhookTo("https://evil.example/x?"+Hidden, nil)).WithSecretsOf(old); got.Actions[0].URL != "https://evil.example/x?"+
		Hidden {
		t.Errorf("the query went to another host: %s", got.Actions[0].URL)
	}
}
