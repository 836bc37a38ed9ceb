// Package migrations holds the schema: numbered SQL files, forward only, never
// edited once released, each saying why it exists.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/pgdial"
)

// How long the database may owe an answer. A step may build an index of a large
// table and say nothing meanwhile; a peer that is gone is found by TCP's keepalive
// long before.
const (
	checkSilence = 40 * time.Second
	stepSilence  = 2 * time.Hour
)

//go:embed *.sql grants/*.sql
var files embed.FS

// FS gives the embedded files, to hash or to list.
func FS() embed.FS { return files }

// Up brings the database at dsn to this build's schema, and gives AppRole its rights
// in it. Several may run at once:
// an advisory lock lets one work and the others find nothing left to do. It is
// safe to repeat.
//
// Errors: errs.Unavailable (no connection), errs.Conflict (the schema is newer
// than this build).
func Up(ctx context.Context, dsn string) error {
	const op = "migrations.Up"
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return with(ctx, op, dsn, stepSilence, []goose.ProviderOption{goose.WithSessionLocker(locker)}, func(p *goose.Provider, db *sql.DB) error {
		if err := notNewer(ctx, op, p); err != nil {
			return err
		}
		if _, err := p.Up(ctx); err != nil {
			return errs.Wrap(op, errs.Unavailable, "the migration did not finish; nothing of the failing step is kept", err)
		}
		return grant(ctx, db)
	})
}

// Check reports whether the database at dsn has exactly this build's schema.
//
// Errors: errs.Unavailable (no connection), errs.Conflict (older: run `smarticks
// migrate`; newer: run a newer build).
func Check(ctx context.Context, dsn string) error {
	const op = "migrations.Check"
	return with(ctx, op, dsn, checkSilence, nil, func(p *goose.Provider, _ *sql.DB) error {
		if err := notNewer(ctx, op, p); err != nil {
			return err
		}
		pending, err := p.HasPending(ctx)
		if err != nil {
			return errs.Wrap(op, errs.Unavailable, "the schema's version cannot be read", err)
		}
		if pending {
			return errs.New(op, errs.Conflict, "the database schema is older than this build: run `smarticks migrate`")
		}
		return nil
	})
}

func notNewer(ctx context.Context, op string, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return errs.Wrap(op, errs.Unavailable, "the schema's version cannot be read", err)
	}
	sources := p.ListSources()
	if want := sources[len(sources)-1].Version; have > want {
		return errs.New(op, errs.Conflict, fmt.Sprintf("the database schema is version %d, this build knows %d: run a newer build", have, want))
	}
	return nil
}

func with(ctx context.Context, op, dsn string, silence time.Duration, opts []goose.ProviderOption,
	do func(*goose.Provider, *sql.DB) error) (err error) {
	conn, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errs.Wrap(op, errs.Invalid, "DATABASE_URL cannot be read", err)
	}
	if conn.ConnectTimeout <= 0 {
		conn.ConnectTimeout = pgdial.Connect
	}
	conn.DialFunc = pgdial.Dialer{Silence: silence}.Dial
	db := stdlib.OpenDB(*conn)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.PingContext(ctx); err != nil {
		return errs.Wrap(op, errs.Unavailable, "the database does not answer", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, opts...)
	if err != nil {
		return errs.Wrap(op, errs.Internal, "", err)
	}
	return do(p, db)
}
