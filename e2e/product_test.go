package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/smtp"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/internal/devstack"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/internal/sinks"
	"github.com/smarticks/smarticks/internal/temporaltest"
)

// product is the whole product, its roles in this process, and its user.
type product struct {
	t        testing.TB
	dsn      string
	temporal *temporaltest.Server
	client   client.Client
	pool     *pgxpool.Pool // to look
	sent     *sinks.Mail
	hooks    *sinks.Webhook
	api      string
	smtp     string
	token    string
	worker   app.Worker
	support  string // id of the mailbox
	offset   func() time.Duration
	through  func(role, dsn, temporal string) app.Config
}

// options change what is started.
type options struct {
	// role tracers
	starter, workerTracer pgx.QueryTracer
	noWorker              bool
	noStarter             bool
	mailLimits            bool               // those of recipients are as they are by default
	namespace             string             // of Temporal; empty: the one that is there
	keepTemporal          bool               // in a file, so that it can be stopped and started
	postgres              *devstack.Postgres // one of the test's own
	// offset is added to the database's clock.
	offset func() time.Duration
	// through, when set, says how a role reaches Postgres and Temporal.
	through func(role, dsn, temporal string) app.Config
}

func start(t testing.TB, o options) *product {
	t.Helper()
	p := &product{t: t, offset: o.offset, through: o.through}
	if o.postgres != nil {
		p.dsn = pgtest.Database(t, o.postgres)
	} else {
		p.dsn = pgtest.New(t)
	}
	if o.keepTemporal {
		p.temporal = temporaltest.NewWithDB(t)
	} else {
		p.temporal = temporaltest.New(t)
	}
	if o.namespace != "" {
		p.temporal.Namespace = o.namespace
	}
	p.client = p.temporal.Client(t)
	var err error
	p.pool, err = pgxpool.New(t.Context(), p.dsn)
	must(t, err)
	t.Cleanup(p.pool.Close)
	p.sent, err = sinks.StartMail("127.0.0.1:0", filepath.Join(t.TempDir(), "sent"))
	must(t, err)
	t.Cleanup(func() { must(t, p.sent.Close()) })
	p.hooks, err = sinks.StartWebhook("127.0.0.1:0", "")
	must(t, err)
	t.Cleanup(func() { must(t, p.hooks.Close()) })
	p.worker = app.Worker{RelayURL: "smtp://" + p.sent.Addr(), WebhookAllow: "127.0.0.1/32:" + port(t, p.hooks.Addr())}

	front, receiver := p.open("api", nil), p.open("mail", nil)
	p.token, err = front.CreateAdminToken(t.Context(), "Admin", "admin@smarticks.test", "test")
	must(t, err)
	web, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	in, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p.api, p.smtp = "http://"+web.Addr().String(), in.Addr().String()
	p.run(front, func(ctx context.Context) error { return front.RunAPI(ctx, app.API{}, web) })
	p.run(receiver, func(ctx context.Context) error { return receiver.RunMail(ctx, app.Mail{}, in) })
	if !o.noStarter {
		p.startStarter(o.starter)
	}
	if !o.noWorker {
		p.startWorker(o.workerTracer)
	}
	p.support = p.mailbox("support@smarticks.test")
	if !o.mailLimits {
		p.call("PATCH", "/v1/settings", object{"mails_per_recipient": 10000, "mails_per_recipient_and_subject": 10000,
			"mails_per_recipient_and_day": 10000})
	}
	return p
}

func (p *product) startStarter(tracer pgx.QueryTracer) (stop func()) {
	starter := p.open("starter", tracer)
	return p.run(starter, starter.RunStarter)
}

func (p *product) startWorker(tracer pgx.QueryTracer) (stop func()) {
	worker := p.open("worker", tracer)
	return p.run(worker, func(ctx context.Context) error { return worker.RunWorker(ctx, p.worker, 16) })
}

// open opens the product's wiring once more, as another process would.
func (p *product) open(role string, tracer pgx.QueryTracer) *app.Product {
	p.t.Helper()
	cfg := app.Config{Database: app.Database{URL: p.dsn}, Temporal: &app.Temporal{Address: p.temporal.Address}}
	if p.through != nil {
		cfg = p.through(role, p.dsn, p.temporal.Address)
	}
	cfg.Database.Conns, cfg.Temporal.Namespace = 16, p.temporal.Namespace
	cfg.Logger = slog.New(slog.NewTextHandler(p.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg.Tracer, cfg.Offset = tracer, p.offset
	made, err := app.Open(p.t.Context(), cfg)
	must(p.t, err)
	p.t.Cleanup(made.Close)
	return made
}

// run runs a role until the test ends, or stop is called.
func (p *product) run(_ *app.Product, role func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- role(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			p.t.Errorf("a role ended with: %v", err)
		}
	}
	p.t.Cleanup(stop)
	return stop
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func port(t testing.TB, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	must(t, err)
	return port
}

// object is any JSON object of the API.
type object = map[string]any

// call asks the API and fails the test unless it answers with success.
func (p *product) call(method, path string, body any) object {
	p.t.Helper()
	status, answer := p.try(method, path, body)
	if status >= 300 {
		p.t.Fatalf("%s %s answered %d: %v", method, path, status, answer)
	}
	return answer
}

func (p *product) try(method, path string, body any) (int, object) {
	p.t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		must(p.t, err)
		reader = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.api+path, reader)
	must(p.t, err)
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	must(p.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(p.t, err)
	answer := object{}
	if len(raw) > 0 {
		must(p.t, json.Unmarshal(raw, &answer))
	}
	return res.StatusCode, answer
}

func (p *product) mailbox(address string) string {
	name, _, _ := strings.Cut(address, "@")
	return p.call("POST", "/v1/mailboxes", object{"name": name, "email": address})["id"].(string)
}

// workflow makes a workflow of a mailbox, switched on.
func (p *product) workflow(mailbox string, w object) string {
	p.t.Helper()
	for key, value := range map[string]any{"type": "automatic", "mode": "on"} {
		if w[key] == nil {
			w[key] = value
		}
	}
	return p.call("POST", "/v1/mailboxes/"+mailbox+"/workflows", w)["id"].(string)
}

func any1(field, op string, value any) object {
	row := object{"field": field}
	if op != "" {
		row["op"] = op
	}
	if value != nil {
		row["value"] = value
	}
	return object{"any": []any{row}}
}

// send hands a mail to the product by SMTP; when it returns the mail is
// accepted.
func (p *product) send(from, to, id, subject, body string, headers ...string) {
	p.t.Helper()
	text := fmt.Sprintf("From: %s\r\nTo: %s\r\nMessage-ID: <%s>\r\nSubject: %s\r\n%s\r\n%s\r\n",
		from, to, id, subject, strings.Join(append(headers, ""), "\r\n"), body)
	must(p.t, smtp.SendMail(p.smtp, nil, from, []string{to}, []byte(text)))
}

// conversationOf waits for the conversation of a mail by its Message-ID.
func (p *product) conversationOf(messageID string) string {
	p.t.Helper()
	var id string
	must(p.t, p.pool.QueryRow(p.t.Context(), `SELECT conversation_id::text FROM messages WHERE message_id_header = $1`, messageID).Scan(&id))
	return id
}

// patience is how long a test waits for what must come: a bound for what hangs, not a
// measure of the machine. What is to be quick is measured, and said in its own test.
const patience = 8 * time.Minute

// eventually waits until ok, which is asked again and again.
func (p *product) eventually(what string, ok func() bool) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			p.t.Fatalf("it never came: %s", what)
		}
		<-tick.C
	}
}

// count is a number from the database.
func (p *product) count(sql string, args ...any) int {
	p.t.Helper()
	var n int
	must(p.t, p.pool.QueryRow(p.t.Context(), sql, args...).Scan(&n))
	return n
}

// jsonText is the object as JSON, without HTML escapes.
func jsonText(o object) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(o)
	return b.String(), err
}
