package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/files"
)

// Folder is where an author keeps their files.
type Folder struct {
	Dir string `arg:"" help:"The folder with the files (*.yaml, *.yml), or one file." type:"path"`
}

// sources reads the files of the folder; those in folders within it are not looked
// at.
func (f Folder) sources() ([]files.Source, error) {
	const op = "remote.sources"
	info, err := os.Stat(f.Dir)
	if err != nil {
		return nil, errs.Wrap(op, errs.Invalid, "the files cannot be read", err)
	}
	names := []string{f.Dir}
	if info.IsDir() {
		entries, err := os.ReadDir(f.Dir)
		if err != nil {
			return nil, errs.Wrap(op, errs.Invalid, "the folder cannot be read", err)
		}
		names = nil
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(e.Name(), ".") {
				names = append(names, filepath.Join(f.Dir, e.Name()))
			}
		}
	}
	var out []files.Source
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // the files that the user names
		if err != nil {
			return nil, errs.Wrap(op, errs.Invalid, "a file cannot be read", err)
		}
		out = append(out, files.Source{Name: shown(name), Text: text})
	}
	return out, nil
}

// shown is a file's name as it is told: from where the user is, if that is shorter.
func shown(name string) string {
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	if short, err := filepath.Rel(here, name); err == nil && len(short) < len(name) {
		return short
	}
	return name
}

// read reads the files and what they say. A folder without files says nothing.
func (f Folder) read() (*files.Set, error) {
	sources, err := f.sources()
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, errs.New("remote.read", errs.Invalid, "there is no file *.yaml or *.yml in "+shown(f.Dir))
	}
	return files.Read(sources)
}

// placed puts the problems that the server reports a mailbox's set into their
// places in the files; other errors stay as they are.
func placed(m *files.Mailbox, err error) error {
	var refused *client.Problem
	if !errors.As(err, &refused) || !errs.Is(err, errs.Invalid) {
		return err
	}
	var all files.Problems
	for _, one := range refused.Errors {
		p, ok := m.Locate(errs.Problem{Path: strings.TrimPrefix(one.Location, "body."), Message: one.Message})
		if !ok {
			return err
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return err
	}
	return all
}

// target is a mailbox of the files with the one of the server.
type target struct {
	files *files.Mailbox
	id    string
}

// targets finds the mailboxes of the files at the server.
func targets(ctx context.Context, c *client.Client, set *files.Set) ([]target, error) {
	all, err := client.All(c.Mailboxes(ctx))
	if err != nil {
		return nil, err
	}
	var out []target
	for _, m := range set.Mailboxes {
		i := slices.IndexFunc(all, func(have client.Mailbox) bool { return strings.EqualFold(have.Email, m.Address) })
		if i < 0 {
			return nil, errs.New("remote.targets", errs.NotFound,
				fmt.Sprintf("there is no mailbox with the address %s, or it is not yours to see", m.Address))
		}
		out = append(out, target{m, all[i].ID})
	}
	return out, nil
}

// write writes a file whole or not at all.
func write(path string, text []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, text, 0o644); err != nil { //nolint:gosec // as other texts of the user
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}
