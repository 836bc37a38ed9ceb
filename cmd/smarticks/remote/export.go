package remote

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/files"
)

type exportCommand struct {
	Server  `embed:""`
	Mailbox string `help:"Only that of this mailbox: its address, name or id."`
	Into    string `help:"Bring the files of this folder up to date instead of printing; their comments stay." type:"path"`
}

// Run writes each mailbox's workflows as files.
func (r *exportCommand) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	boxes, err := mailboxes(ctx, c, r.Mailbox)
	if err != nil {
		return err
	}
	if r.Into == "" && len(boxes) > 1 {
		return errs.New("remote.export", errs.Invalid, "there are several mailboxes: give --into FOLDER, or one of them with --mailbox")
	}
	for _, m := range boxes {
		w, err := c.Export(ctx, m.ID)
		if err != nil {
			return err
		}
		if r.Into != "" {
			if err := r.into(out, m.Email, w.Workflows); err != nil {
				return err
			}
			continue
		}
		text, err := files.Write(m.Email, w.Workflows)
		if err != nil {
			return err
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// into changes the folder's files so that they say what the mailbox has.
func (r *exportCommand) into(out io.Writer, mailbox string, workflows []map[string]any) error {
	if err := os.MkdirAll(r.Into, 0o755); err != nil { //nolint:gosec // as other folders of the user
		return err
	}
	sources, err := Folder{r.Into}.sources()
	if err != nil {
		return err
	}
	for i := range sources {
		sources[i].Name = filepath.Base(sources[i].Name)
	}
	changed, ordered, err := files.Into(sources, mailbox, workflows)
	if err != nil {
		return err
	}
	for _, f := range changed {
		path := filepath.Join(r.Into, f.Name)
		if len(f.Text) == 0 {
			if err := os.Remove(path); err != nil {
				return err
			}
			fmt.Fprintln(out, "removed "+shown(path))
			continue
		}
		if err := write(path, f.Text); err != nil {
			return err
		}
		fmt.Fprintln(out, "wrote "+shown(path))
	}
	if !ordered {
		fmt.Fprintf(out, "%s has its workflows in another order than the files: that of their names\n", mailbox)
	}
	return nil
}
