package up

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/cmd/smarticks/remote"
)

// createDatabase makes the database unless it is there.
func createDatabase(ctx context.Context, dsn, name string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var exists *pgconn.PgError
	if errors.As(err, &exists) && exists.Code == "42P04" {
		return nil
	}
	return err
}

// firstRun makes the first admin with a token, and the seed that tells this
// state directory's example mails from another's. What is there is kept.
func (st *stack) firstRun(ctx context.Context) error {
	var err error
	st.token, err = kept(filepath.Join(st.state, remote.TokenFile), func() (string, error) {
		return st.product.CreateAdminToken(ctx, app.FirstAdminName, app.FirstAdminEmail, "smarticks up")
	})
	if err != nil {
		return err
	}
	st.seed, err = kept(filepath.Join(st.state, "demo-seed"), func() (string, error) { return strings.ToLower(rand.Text()), nil })
	return err
}

// kept returns what the file holds; a file that is missing is made, readable to
// its owner only, whole or not at all.
func kept(path string, fresh func() (string, error)) (string, error) {
	held, err := os.ReadFile(path)
	if err == nil && len(held) > 0 {
		return strings.TrimSpace(string(held)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	value, err := fresh()
	if err != nil {
		return "", err
	}
	return value, keep(path, value)
}

// keep writes a file that its owner only may read, whole or not at all.
func keep(path, value string) error {
	part := path + ".part"
	if err := os.WriteFile(part, []byte(value+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// addresses prints where to look.
func (st *stack) addresses(web, smtp net.Addr) {
	rows := [][2]string{
		{"API", "http://" + web.String() + "/v1"},
		{"API docs", "http://" + web.String() + "/docs"},
		{"SMTP in", smtp.String()},
	}
	if st.temporal != nil {
		rows = append(rows, [2]string{"Temporal UI", "http://" + st.temporal.UIAddress()})
	} else {
		rows = append(rows, [2]string{"Temporal", st.Address})
	}
	if st.mailSink != nil {
		rows = append(rows, [2]string{"Sent mail", st.sentDir()})
	} else {
		rows = append(rows, [2]string{"Mail relay", "as SMARTICKS_SMTP_RELAY_URL says"})
	}
	rows = append(rows, [2]string{"Admin token", st.token + "  (kept in " + filepath.Join(st.state, remote.TokenFile) + ")"})
	fmt.Fprintln(st.out)
	for _, r := range rows {
		fmt.Fprintf(st.out, "  %-12s %s\n", r[0], r[1])
	}
	if !st.Once {
		fmt.Fprintln(st.out, "\nServing. Ctrl-C ends it; the data stays.")
	}
}
