package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/internal/pgtest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"smarticks": main}) }

// TestScripts runs each script of testdata/script against an API with a database
// of its own. Beside what testscript knows, a script has the command
//
//	api METHOD PATH [BODY [NAME]]   calls the API; NAME becomes the id of the answer
//
// and SMARTICKS_URL and SMARTICKS_TOKEN are those of the server, DATABASE_URL that of
// its database. UPDATE_SCRIPTS=1 writes again what is compared.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts (%v): this test would prove nothing", len(scripts), err)
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.New(t)
			url, token := serve(t, dsn)
			testscript.Run(t, testscript.Params{
				Files: []string{script}, RequireUniqueNames: true, UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
				Setup: func(env *testscript.Env) error {
					env.Setenv("SMARTICKS_URL", url)
					env.Setenv("SMARTICKS_TOKEN", token)
					env.Setenv("DATABASE_URL", dsn)
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool,
					[]string){"api": func(ts *testscript.TestScript, neg bool, args []string) { callAPI(t.Context(), ts, neg, args) }},
			})
		})
	}
}

// serve starts an API on the database, and returns its address and an admin's
// token.
func serve(t testing.TB, dsn string) (url, token string) {
	t.Helper()
	p, err := app.Open(t.Context(), app.Config{Database: app.Database{URL: dsn, Conns: 4}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	token, err = p.CreateAdminToken(t.Context(), app.FirstAdminName, app.FirstAdminEmail, "test")
	if err != nil {
		t.Fatal(err)
	}
	l, err := app.Listen(t.Context(), "127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	// t.Context ends before the cleanups: the API ends, and then what it stands on.
	ended := make(chan error, 1)
	go func() { ended <- p.RunAPI(t.Context(), app.API{}, l) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
		p.Close()
	})
	return "http://" + l.Addr().String(), token
}

func callAPI(ctx context.Context, ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 4 {
		ts.Fatalf("usage: api METHOD PATH [BODY [NAME]]")
	}
	c, err := client.New(client.Options{URL: ts.Getenv("SMARTICKS_URL"), Token: ts.Getenv("SMARTICKS_TOKEN")})
	ts.Check(err)
	var body any
	if len(args) > 2 {
		body = json.RawMessage(args[2])
	}
	var answer json.RawMessage
	err = c.Do(ctx, args[0], args[1], body, &answer)
	if neg {
		if err == nil {
			ts.Fatalf("it was not refused: %s", answer)
		}
		return
	}
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), string(answer))
	if len(args) == 4 {
		var made struct{ ID string }
		ts.Check(json.Unmarshal(answer, &made))
		ts.Setenv(args[3], made.ID)
	}
}
