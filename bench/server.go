package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/smarticks/smarticks/internal/devstack"
)

// temporalServer is the version of the real server that is measured on.
const temporalServer = "v1.32.1"

// ensureServer builds the Temporal server and its SQL tool once, into the directory of tools.
func ensureServer(ctx context.Context) (server, tool string, err error) {
	bin, err := binDir()
	if err != nil {
		return "", "", err
	}
	dir := filepath.Join(bin, "temporal-server-"+temporalServer)
	server, tool = filepath.Join(dir, "server"), filepath.Join(dir, "sql")
	for program, path := range map[string]string{server: "cmd/server", tool: "cmd/tools/sql"} {
		if _, err := os.Stat(program); err == nil {
			continue // go install puts a program in place whole
		}
		say("building the Temporal server's %s, once (some minutes)", path)
		if err := build(ctx, os.Stderr, dir, "install", "go.temporal.io/server/"+path+"@"+temporalServer); err != nil {
			return "", "", err
		}
	}
	return server, tool, nil
}

// startServer starts the four roles as processes, on a real Temporal server and two
// Postgres clusters, one for Temporal and one for the product, both with fsync.
func startServer(ctx context.Context, smarticks string) (_ *stand, err error) {
	server, tool, err := ensureServer(ctx)
	if err != nil {
		return nil, err
	}
	s, err := newStand("server")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.failed = true
			s.close()
		}
	}()
	theirs, err := s.postgres(ctx, temporalPostgres, "temporal", "temporal", "temporal_visibility")
	if err != nil {
		return nil, err
	}
	ours, err := s.postgres(ctx, ourPostgres, "smarticks", "smarticks")
	if err != nil {
		return nil, err
	}
	address, err := s.temporalServer(ctx, server, tool, theirs)
	if err != nil {
		return nil, err
	}
	return s, s.roles(ctx, smarticks, ours.DSN("smarticks"), address)
}

// postgres starts a cluster with the databases, and counts what it does on those whose
// names begin with like.
func (s *stand) postgres(ctx context.Context, name, like string, databases ...string) (*devstack.Postgres, error) {
	dir := filepath.Join(s.dir, like)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{StateDir: dir})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() { _ = pg.Close() })
	if err := statements(ctx, pg.DSN("postgres")); err != nil {
		return nil, err
	}
	pg.Stop()
	if err := pg.Start(ctx); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, pg.DSN("postgres"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, database := range databases {
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
			return nil, err
		}
	}
	return pg, s.watch(ctx, name, pg.DSN(databases[0]), like)
}

// statements makes a server count them from its next start on.
func statements(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, `ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`)
	return err
}

// temporalServer makes the schema, starts the server with its namespace, and returns its
// address.
func (s *stand) temporalServer(ctx context.Context, server, tool string, pg *devstack.Postgres) (string, error) {
	dsn, err := url.Parse(pg.DSN("temporal"))
	if err != nil {
		return "", err
	}
	socket := dsn.Query().Get("host")
	for database, schema := range map[string]string{"temporal": "temporal", "temporal_visibility": "visibility"} {
		for _, args := range [][]string{{"setup-schema", "-v", "0.0"}, {"update-schema", "--schema-name", "postgresql/v12/" + schema}} {
			args = append([]string{"--plugin", "postgres12_pgx", "--port", "5432", "--user", "postgres", "--db", database, "--connect-attributes",
				"host=" + socket}, args...)
			if err := s.command(ctx, tool, nil, args...); err != nil {
				return "", err
			}
		}
	}
	ports, err := freePorts(9)
	if err != nil {
		return "", err
	}
	config := filepath.Join(s.dir, "config")
	if err := os.Mkdir(config, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string]string{"bench.yaml": serverConfig(config, socket, ports), "dynamic.yaml": dynamicConfig} {
		if err := os.WriteFile(filepath.Join(config, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	if err := s.run("Temporal", nil, server, "--root", s.dir, "--config", "config", "--env", "bench", "--allow-no-auth", "start"); err != nil {
		return "", err
	}
	address := local(ports[0])
	if err := s.reachable(ctx, address); err != nil {
		return "", err
	}
	if err := s.temporal(address); err != nil {
		return "", err
	}
	return address, s.namespace(ctx)
}

// namespace makes the namespace default and waits until it can be used.
func (s *stand) namespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		_, err := s.client.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: "default", WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
		})
		if err == nil || strings.Contains(err.Error(), "already") {
			_, err = s.client.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: "default"})
		}
		if err == nil {
			found, err := s.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
				Namespace: "default", TaskQueue: &taskqueuepb.TaskQueue{Name: "conversations"}, TaskQueueType: enumspb.TASK_QUEUE_TYPE_WORKFLOW,
			})
			if err == nil && found != nil {
				return nil
			}
		}
		if pause(ctx, 200*time.Millisecond) != nil {
			return fmt.Errorf("the namespace cannot be made: %w; the log is %s/Temporal.out", err, s.dir)
		}
	}
}

// roles brings the schema up, makes a token, and starts the four roles.
func (s *stand) roles(ctx context.Context, smarticks, dsn, temporal string) error {
	ports, err := freePorts(5)
	if err != nil {
		return err
	}
	env := []string{
		"DATABASE_URL=" + dsn, "TEMPORAL_ADDRESS=" + temporal, "SMARTICKS_HTTP_ADDR=" + local(ports[0]), "SMARTICKS_SMTP_ADDR=" + local(ports[1]),
		"SMARTICKS_SMTP_RELAY_URL=" + s.outside.relayURL(), "SMARTICKS_WEBHOOK_ALLOW=" + s.outside.allow(), "SMARTICKS_API_RATE=0",
		"SMARTICKS_LOG_LEVEL=warn",
	}
	if err := s.command(ctx, smarticks, env, "migrate"); err != nil {
		return err
	}
	if err := s.command(ctx, smarticks, env, "token", "create"); err != nil {
		return err
	}
	out, err := os.ReadFile(filepath.Join(s.dir, "command.out"))
	if err != nil {
		return err
	}
	fields := strings.Fields(string(out))
	if len(fields) == 0 {
		return fmt.Errorf("token create printed nothing")
	}
	s.product = &product{api: "http://" + local(ports[0]), smtp: local(ports[1]), token: fields[len(fields)-1], hooks: s.outside.hookURL()}
	for i, role := range []string{"api", "mail", "starter", "worker"} {
		own := append([]string{"SMARTICKS_PROBE_ADDR=" + local(ports[1+max(i, 1)])}, env...)
		if err := s.run(role, own, smarticks, role); err != nil {
			return err
		}
	}
	return s.reachable(ctx, local(ports[0]), local(ports[1]), local(ports[3]), local(ports[4]))
}

// dynamicConfig is what docs/operations.md advises small installations.
const dynamicConfig = `matching.numTaskqueueReadPartitions: [{value: 1}]
matching.numTaskqueueWritePartitions: [{value: 1}]
`

func serverConfig(dir, socket string, ports []int) string {
	store := func(database string) string {
		return fmt.Sprintf(`{sql: {pluginName: postgres12_pgx, databaseName: %s, connectAddr: "127.0.0.1:5432", connectProtocol: tcp, user: `+
			`postgres, password: none, connectAttributes: {host: %q}, maxConns: 40, maxIdleConns: 40, maxConnLifetime: 1h}}`,
			database, socket)
	}
	service := func(name string, rpc, membership int) string {
		return fmt.Sprintf("  %s: {rpc: {grpcPort: %d, membershipPort: %d, bindOnIP: 127.0.0.1}}\n", name, rpc, membership)
	}
	return `log: {stdout: true, level: warn}
persistence:
  defaultStore: main
  visibilityStore: visibility
  numHistoryShards: 8
  datastores:
    main: ` + store("temporal") + `
    visibility: ` + store("temporal_visibility") + `
global:
  membership: {maxJoinDuration: 30s, broadcastAddress: 127.0.0.1}
services:
` + service("frontend", ports[0], ports[1]) + service("matching", ports[2], ports[3]) + service("history", ports[4],
		ports[5]) + service("worker", ports[6], ports[7]) + fmt.Sprintf(`clusterMetadata:
  enableGlobalNamespace: false
  failoverVersionIncrement: 10
  masterClusterName: active
  currentClusterName: active
  clusterInformation:
    active: {enabled: true, initialFailoverVersion: 1, rpcName: frontend, rpcAddress: "127.0.0.1:%d"}
dcRedirectionPolicy: {policy: noop}
dynamicConfigClient: {filepath: %q, pollInterval: 10s}
`, ports[0], filepath.Join(dir, "dynamic.yaml"))
}
