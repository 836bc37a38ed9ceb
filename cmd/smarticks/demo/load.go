package demo

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/examples"
)

// exampleWebhook is the address that the example workflows name.
const exampleWebhook = "http://127.0.0.1:2580/"

type named struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// load makes the mailboxes, the agents and the workflows, unless they are there.
func (d *demo) load(ctx context.Context) error {
	d.mailboxes = map[string]string{}
	boxes, err := client.All(client.List[named](ctx, d.api, "/v1/mailboxes", nil))
	if err != nil {
		return err
	}
	for _, b := range boxes {
		d.mailboxes[b.Email] = b.ID
	}
	for _, want := range []named{{Name: "Support", Email: "support@smarticks.test"}, {Name: "Billing", Email: "billing@smarticks.test"}} {
		if d.mailboxes[want.Email] != "" {
			continue
		}
		var made named
		if err := d.api.Do(ctx, "POST", "/v1/mailboxes", map[string]any{"name": want.Name, "email": want.Email}, &made); err != nil {
			return err
		}
		d.mailboxes[want.Email] = made.ID
	}
	if err := d.loadAgents(ctx); err != nil {
		return err
	}
	return d.loadWorkflows(ctx)
}

func (d *demo) loadAgents(ctx context.Context) error {
	users, err := client.All(client.List[named](ctx, d.api, "/v1/users", nil))
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, u := range users {
		known[u.Email] = u.ID
	}
	support, billing := d.mailboxes["support@smarticks.test"], d.mailboxes["billing@smarticks.test"]
	for _, want := range []struct {
		name, email string
		mailboxes   []string
	}{
		{"Maria Agent", "maria@smarticks.test", []string{support}},
		{"Tom Agent", "tom@smarticks.test", []string{support, billing}},
		{"Bea Agent", "bea@smarticks.test", []string{billing}},
	} {
		if known[want.email] == "" {
			var made named
			body := map[string]any{"name": want.name, "email": want.email, "role": "agent", "mailbox_ids": want.mailboxes}
			if err := d.api.Do(ctx, "POST", "/v1/users", body, &made); err != nil {
				return err
			}
			known[want.email] = made.ID
		}
	}
	d.agent = known["maria@smarticks.test"]
	return nil
}

// loadWorkflows reads the example files and makes each workflow in its mailbox,
// with durations divided by the scale.
func (d *demo) loadWorkflows(ctx context.Context) error {
	files, err := fs.Glob(examples.Files, "workflows/*.yaml")
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, id := range d.mailboxes {
		workflows, err := client.All(client.List[named](ctx, d.api, "/v1/mailboxes/"+id+"/workflows", nil))
		if err != nil {
			return err
		}
		for _, w := range workflows {
			there[id+"/"+w.Name] = true
		}
	}
	for _, file := range files {
		mailbox, body, err := d.readWorkflow(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		id := d.mailboxes[mailbox]
		if there[fmt.Sprint(id, "/", body["name"])] {
			continue
		}
		if err := d.api.Do(ctx, "POST", "/v1/mailboxes/"+id+"/workflows", body, nil); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	if d.Scale != 1 {
		d.say("The example workflows count time %g times faster here: 24h pass in %s.", d.Scale, automation.FormatDuration(scaled(d.Scale)))
	}
	return nil
}

// readWorkflow returns the mailbox's address and the workflow as the API takes
// it.
func (d *demo) readWorkflow(file string) (mailbox string, body map[string]any, err error) {
	raw, err := examples.Files.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	text := strings.ReplaceAll(string(raw), exampleWebhook, d.WebhookURL)
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		return "", nil, err
	}
	mailbox, _ = tree["mailbox"].(string)
	definition, problems := automation.Decode(any(tree), "mailbox", "mode")
	if len(problems) > 0 {
		return "", nil, fmt.Errorf("%s: %s", problems[0].Path, problems[0].Message)
	}
	body = automation.Encode(automation.Scale(definition, d.Scale))
	if body["mode"] = tree["mode"]; body["mode"] == nil {
		body["mode"] = "on"
	}
	return mailbox, body, nil
}
