package sinks

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// save writes a new file dir/name+ext, or dir/name.2+ext and so on when there is one:
// a thing that was sent twice shows as two files. The file is whole and on disk
// when save returns, and never seen in part.
func save(dir, name, ext string, content []byte) (path string, n int, err error) {
	tmp, err := os.CreateTemp(dir, ".arriving-")
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	_, err = tmp.Write(content)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return "", 0, err
	}
	for n = 1; ; n++ {
		path = filepath.Join(dir, name+ext)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s.%d%s", name, n, ext))
		}
		// A link, other than a rename, refuses to replace what is there.
		err := os.Link(tmp.Name(), path)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", 0, err
		}
		return path, n, syncDir(dir)
	}
}

// saveOnce is save, but content that is there already under the name is not
// written again.
func saveOnce(dir, name, ext string, content []byte) (path string, err error) {
	path = filepath.Join(dir, name+ext)
	if held, err := os.ReadFile(path); err == nil && bytes.Equal(held, content) {
		return path, nil
	}
	path, _, err = save(dir, name, ext, content)
	return path, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// fileName makes a name from what a stranger sent: no separators, no leading
// dot, not long. An empty one becomes other.
func fileName(s, other string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		default:
			return '_'
		}
	}, s)
	clean = strings.TrimLeft(clean, ".")
	if clean == "" {
		return other
	}
	return clean[:min(len(clean), 100)]
}
