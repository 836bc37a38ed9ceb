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
	Into    string `help:"Write a file for each mailbox into this folder instead of printing it." type:"path"`
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
		text, err := files.Write(m.Email, w.Workflows)
		if err != nil {
			return err
		}
		if r.Into == "" {
			_, err = out.Write(text)
			return err
		}
		if err := os.MkdirAll(r.Into, 0o755); err != nil { //nolint:gosec // as other folders of the user
			return err
		}
		path := filepath.Join(r.Into, m.Email+".yaml")
		if err := write(path, text); err != nil {
			return err
		}
		fmt.Fprintln(out, "wrote "+shown(path))
	}
	return nil
}
