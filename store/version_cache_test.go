package store_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// versions is what Advance gets of the mailbox's workflows, from a store that may
// remember them. before is done before they are read, after afterwards.
func (s *shop) versions(from *store.Store, id conversation.ID, before, after func(*store.Conversation) error) (list []automation.Version,
	err error) {
	s.t.Helper()
	err = from.WithConversation(s.t.Context(), id, func(ctx context.Context, c *store.Conversation) error {
		around, _, err := c.Surroundings(ctx)
		if err != nil {
			return err
		}
		if err := before(c); err != nil {
			return err
		}
		if list, err = c.Versions(ctx, around.Mailbox.ID); err != nil {
			return err
		}
		return after(c)
	})
	return list, err
}

func nothing(*store.Conversation) error { return nil }

// remembering is a shop with a store that others change nothing through, and whose
// statements are seen.
type remembering struct {
	*shop
	warm *store.Store
	seen *testhouse.Statements
	id   conversation.ID
}

func newRemembering(t *testing.T) remembering {
	s := newShop(t)
	seen := &testhouse.Statements{}
	return remembering{s, s.house.Open(testhouse.Traced(seen)), seen,
		s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)}
}

// same fails unless the store that remembers answers what one answers that remembers
// nothing, and then asks for no version.
func (r remembering) same(after string) []automation.Version {
	r.t.Helper()
	got, err := r.versions(r.warm, r.id, nothing, nothing)
	check(r.t, err)
	fresh := r.house.Open()
	want, err := r.versions(fresh, r.id, nothing, nothing)
	check(r.t, err)
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		r.t.Errorf("after %s:\n%+v are remembered,\n%+v are there", after, got, want)
	}
	r.seen.Take()
	again, err := r.versions(r.warm, r.id, nothing, nothing)
	check(r.t, err)
	for _, q := range r.seen.Take() {
		if len(want) > 0 && strings.Contains(q.SQL, "JOIN versions") {
			r.t.Errorf("after %s versions are read again: %s", after, q.SQL)
		}
	}
	if len(again) != len(want) {
		r.t.Errorf("after %s: %d versions, then %d", after, len(want), len(again))
	}
	return got
}

func (r remembering) revision() string {
	return r.house.Text(`SELECT coalesce((SELECT revision::text FROM workflow_revisions WHERE mailbox_id = $1), '')`, r.mailbox)
}

// Whatever changes what Versions answers makes the revision again, and who remembers the
// workflows reads them again.
func TestEveryChangeOfAWorkflowIsSeen(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	ctx, root := t.Context(), access.System()
	r.same("nothing")
	made := map[string]automation.DefinitionID{}
	create := func(name string, mode automation.Mode, actions ...automation.Action) func() error {
		return func() error {
			d := definition(name, urgent)
			if len(actions) > 0 {
				d.Actions = actions
			}
			rec, err := r.CreateDefinition(ctx, root, r.mailbox, d, mode)
			made[name] = rec.ID
			return err
		}
	}
	to := func(name string, mode automation.Mode) func() error {
		return func() error {
			_, err := r.PatchDefinition(ctx, root, made[name], automation.WorkflowPatch{Mode: &mode})
			return err
		}
	}
	within := func(do func(*store.Conversation) error) func() error {
		return func() error {
			return r.WithConversation(ctx, r.id, func(_ context.Context, c *store.Conversation) error { return do(c) })
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want int // workflows that are not off
	}{
		{"one made", create("a", automation.ModeOn), 1},
		{"another made", create("b", automation.ModeWatch), 2},
		{"one made that is off", create("c", automation.ModeOff), 2},
		{"a draft published", func() error {
			d := definition("a", urgent)
			d.MaxRuns = 7
			if _, err := r.PutDraft(ctx, root, made["a"], d); err != nil {
				return err
			}
			_, err := r.PublishDefinition(ctx, root, made["a"])
			return err
		}, 2},
		{"an old version published again", func() error {
			if _, err := r.RestoreVersion(ctx, root, made["a"], 1); err != nil {
				return err
			}
			_, err := r.PublishDefinition(ctx, root, made["a"])
			return err
		}, 2},
		{"on", to("b", automation.ModeOn), 2},
		{"watch", to("b", automation.ModeWatch), 2},
		{"off", to("b", automation.ModeOff), 1},
		{"on again", to("b", automation.ModeOn), 2},
		{"the order changed", func() error {
			_, err := r.OrderDefinitions(ctx, root, r.mailbox, []automation.DefinitionID{made["c"], made["b"], made["a"]})
			return err
		}, 2},
		{"paused everywhere", func() error {
			w, err := r.Definition(ctx, root, made["a"])
			check(t, err)
			c := counting{r.shop, w, r.id}
			c.limit(1)
			c.run(w.CreatedAt)
			if !c.paused() {
				return errors.New("it is not paused")
			}
			return nil
		}, 2},
		{"resumed", func() error { _, err := r.ResumeWorkflow(ctx, root, made["a"], false); return err }, 2},
		{"switched off by a run", within(func(c *store.Conversation) error {
			return c.SwitchOff(ctx, made["b"], automation.Reference{Kind: automation.RefTag, ID: "gone"})
		}), 1},
		{"one made that names a tag", create("d", automation.ModeOn, automation.Action{Do: "add_tags", Tags: []string{"old"}}), 2},
		{"the tag renamed", func() error {
			_, err := r.house.Pool.Exec(ctx, `INSERT INTO tags (name, created_at) VALUES ('old', now()) ON CONFLICT DO NOTHING`)
			check(t, err)
			return r.RenameTag(ctx, root, "old", "new", false)
		}, 2},
		{"deleted", func() error { return r.DeleteDefinition(ctx, root, made["a"]) }, 1},
	} {
		before := r.revision()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		r.rollOut(t)
		if r.revision() == before {
			t.Errorf("the revision is the same after: %s", step.name)
		}
		if got := r.same(step.name); len(got) != step.want {
			t.Errorf("after %s %d workflows are not off, want %d", step.name, len(got), step.want)
		}
	}
	// The workflows of a mailbox that is gone stay, deleted.
	gone, err := r.CreateMailbox(ctx, root, conversation.Mailbox{Name: "Gone", Email: "gone@smarticks.test"})
	check(t, err)
	_, err = r.CreateDefinition(ctx, root, gone.ID, definition("its own", urgent), automation.ModeOn)
	check(t, err)
	check(t, r.DeleteMailbox(ctx, root, gone.ID))
	// Who writes to a workflow in a way that is added later cannot forget it.
	columns := strings.Fields(r.house.Text(`SELECT string_agg(attname, ' ') FROM pg_attribute
		WHERE attrelid = 'definitions'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`))
	for _, column := range columns {
		before := r.revision()
		r.house.Exec(`UPDATE definitions SET ` + column + ` = ` + column)
		if r.revision() == before {
			t.Errorf("the revision is the same after %s was written", column)
		}
	}
	before := r.revision()
	_, err = r.versions(r.warm, r.id, nothing, nothing)
	check(t, err)
	if r.revision() != before {
		t.Error("reading changed the revision")
	}
}

// Who locked a conversation after a workflow was switched off does not get it, whoever
// read what before and meanwhile.
func TestAWorkflowThatIsOffIsNotRemembered(t *testing.T) {
	t.Parallel()
	for name, warm := range map[string]bool{"known": true, "unknown": false} {
		r := newRemembering(t)
		d, err := r.CreateDefinition(t.Context(), access.System(), r.mailbox, definition("a", urgent), automation.ModeOn)
		check(t, err)
		other := r.conversation(r.mailbox, conversation.StatusActive, conversation.StatePublished)
		if warm {
			r.same("it was made")
		}
		mode := automation.ModeOff
		list, err := r.versions(r.warm, other, func(*store.Conversation) error {
			_, err := r.PatchDefinition(t.Context(), access.System(), d.ID, automation.WorkflowPatch{Mode: &mode})
			return err
		}, nothing)
		check(t, err)
		if warm != (len(list) == 1) {
			t.Errorf("%s: %d workflows of a revision that was read before", name, len(list))
		}
		if got := r.same("it was switched off"); len(got) != 0 {
			t.Errorf("%s: %+v is remembered", name, got)
		}
	}
}

// What a transaction changed and took back was never true.
func TestWhatWasRolledBackIsNotRemembered(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	d, err := r.CreateDefinition(t.Context(), access.System(), r.mailbox, definition("a", urgent), automation.ModeOn)
	check(t, err)
	undone := errors.New("undone")
	list, err := r.versions(r.warm, r.id, func(c *store.Conversation) error {
		return c.SwitchOff(t.Context(), d.ID, automation.Reference{Kind: automation.RefTag, ID: "gone"})
	}, func(*store.Conversation) error { return undone })
	if !errors.Is(err, undone) || len(list) != 0 {
		t.Fatalf("%v, %d workflows after it was switched off", err, len(list))
	}
	if got := r.same("it was undone"); len(got) != 1 {
		t.Errorf("%d workflows, want the one that was never switched off", len(got))
	}
	if _, err := r.CreateDefinition(t.Context(), access.System(), r.mailbox, definition("b", urgent), automation.ModeOn); err != nil {
		t.Fatal(err)
	}
	if got := r.same("another was made"); len(got) != 2 {
		t.Errorf("%d workflows, want 2", len(got))
	}
}
