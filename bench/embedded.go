package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/internal/devstack"
)

// startEmbedded starts `smarticks up --demo=false`, as everybody gets it, with its own
// state, on ports of its own.
func startEmbedded(ctx context.Context, smarticks string) (_ *stand, err error) {
	s, err := newStand("embedded")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.failed = true
			s.close()
		}
	}()
	bin, err := binDir()
	if err != nil {
		return nil, err
	}
	if _, err := devstack.EnsureTemporal(ctx, bin, os.Stderr); err != nil {
		return nil, err
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, err
	}
	state := filepath.Join(s.dir, "state")
	err = s.run("smarticks", []string{
		"SMARTICKS_STATE_DIR=" + state, "SMARTICKS_BIN_DIR=" + bin, "SMARTICKS_HTTP_ADDR=" + local(ports[0]),
		"SMARTICKS_SMTP_ADDR=" + local(ports[1]),
		fmt.Sprint("SMARTICKS_UP_TEMPORAL_PORT=", ports[2]), fmt.Sprint("SMARTICKS_UP_UI_PORT=", ports[3]), "SMARTICKS_LOG_LEVEL=warn",
		"SMARTICKS_SMTP_RELAY_URL=" + s.outside.relayURL(), "SMARTICKS_WEBHOOK_ALLOW=" + s.outside.allow(), "SMARTICKS_API_RATE=0",
	}, smarticks, "up", "--demo=false")
	if err != nil {
		return nil, err
	}
	if err := s.reachable(ctx, local(ports[0]), local(ports[1]), local(ports[2])); err != nil {
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(state, "admin-token"))
	if err != nil {
		return nil, err
	}
	s.product = &product{api: "http://" + local(ports[0]), smtp: local(ports[1]), token: strings.TrimSpace(string(token)),
		hooks: s.outside.hookURL()}
	pid, err := os.ReadFile(filepath.Join(state, "temporal.db.pid"))
	if err != nil {
		return nil, err
	}
	if s.processes["Temporal"], err = strconv.Atoi(strings.TrimSpace(string(pid))); err != nil {
		return nil, err
	}
	dsn, err := dsnOf(filepath.Join(state, "postgres", "data"), "smarticks")
	if err != nil {
		return nil, err
	}
	if err := s.watch(ctx, ourPostgres, dsn, "smarticks"); err != nil {
		return nil, err
	}
	return s, s.temporal(local(ports[2]))
}

// dsnOf is the address of a database of the private Postgres with this data, by its socket.
func dsnOf(data, database string) (string, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 5 {
		return "", fmt.Errorf("%s/postmaster.pid names no socket", data)
	}
	return "postgres:///" + database + "?" + url.Values{"host": {lines[4]}, "user": {"postgres"}, "port": {lines[3]}}.Encode(), nil
}
