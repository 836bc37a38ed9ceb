package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/smarticks/smarticks/internal/devstack"
	"github.com/smarticks/smarticks/store/migrations"
)

// cluster is a server with a migrated template database.
type cluster struct {
	admin    string // DSN of a database to give orders from
	orders   *pgxpool.Pool
	template string
	strategy string // of CREATE DATABASE, where the server knows the word
}

func openShared() (*cluster, error) {
	// Not the context of a test: the server outlives the first one.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	admin := os.Getenv("TEST_DATABASE_URL")
	if admin == "" {
		// Never closed: it ends, and its data goes, with this process.
		pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Throwaway: true, Progress: os.Stderr})
		if err != nil {
			return nil, err
		}
		admin = pg.DSN("postgres")
	}
	return openCluster(ctx, admin)
}

// openCluster prepares the server at the address. Its connections stay open: making one
// costs Postgres as much as copying half a database.
func openCluster(ctx context.Context, admin string) (*cluster, error) {
	orders, err := pgxpool.New(ctx, admin)
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL cannot be read: %w", err)
	}
	c := &cluster{admin: admin, orders: orders}
	if err := c.prepare(ctx); err != nil {
		orders.Close()
		return nil, err
	}
	return c, nil
}

// prepare makes the template unless it is there. Its name holds the hash of the
// migrations, so that a server that is used again never serves an old schema.
func (c *cluster) prepare(ctx context.Context) error {
	sum, err := hashOf(migrations.FS())
	if err != nil {
		return err
	}
	c.template = "smarticks_template_" + sum
	return c.do(ctx, func(conn *pgx.Conn) error {
		var version int
		if err := conn.QueryRow(ctx, "select current_setting('server_version_num')::int").Scan(&version); err != nil {
			return err
		}
		if version >= 15_00_00 {
			c.strategy = " STRATEGY file_copy" // half the time of the default
		}
		// Several test processes may share a server.
		const lockKey = 7_300_112
		if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", lockKey); err != nil {
			return err
		}
		defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", lockKey) }()
		var exists bool
		if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", c.template).Scan(&exists); err != nil ||
			exists {
			return err
		}
		return c.build(ctx, conn)
	})
}

// build migrates under another name: what has the template's name is whole.
func (c *cluster) build(ctx context.Context, conn *pgx.Conn) error {
	unfinished := c.template + "_new"
	if err := exec(ctx, conn, "DROP DATABASE IF EXISTS "+unfinished+" WITH (FORCE)", "CREATE DATABASE "+unfinished); err != nil {
		return err
	}
	dsn, err := c.dsn(unfinished)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, dsn); err != nil {
		return fmt.Errorf("migrate the template database: %w", err)
	}
	// Nobody may be connected to a template while it is copied.
	return exec(ctx, conn,
		"ALTER DATABASE "+unfinished+" RENAME TO "+c.template,
		"ALTER DATABASE "+c.template+" ALLOW_CONNECTIONS false")
}

func (c *cluster) clone(ctx context.Context, name string) (dsn string, err error) {
	err = c.do(ctx, func(conn *pgx.Conn) error {
		return exec(ctx, conn, "CREATE DATABASE "+name+" TEMPLATE "+c.template+c.strategy)
	})
	if err != nil {
		return "", err
	}
	return c.dsn(name)
}

func (c *cluster) drop(ctx context.Context, name string) error {
	return c.do(ctx, func(conn *pgx.Conn) error {
		return exec(ctx, conn, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
}

// dsn is the address of another database of the same server.
func (c *cluster) dsn(database string) (string, error) {
	u, err := url.Parse(c.admin)
	if err != nil {
		return "", fmt.Errorf("TEST_DATABASE_URL must be a URL (postgres://…): %w", err)
	}
	u.Path = "/" + database
	return u.String(), nil
}

func (c *cluster) do(ctx context.Context, fn func(*pgx.Conn) error) error {
	conn, err := c.orders.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Release()
	return fn(conn.Conn())
}

func exec(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func hashOf(files fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", path, len(b))
		h.Write(b)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil))[:12], err
}
