package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
)

// message is one message of a stream.
type message struct{ event, id, data string }

// following is a client of a stream.
type following struct {
	t    testing.TB
	res  *http.Response
	read *bufio.Reader
	id   string // as for Last-Event-ID
}

// liveServer serves the world by settings that suit a test.
func (w *world) liveServer(l api.Live) *httptest.Server {
	if l.Look == 0 {
		l.Look = 20 * time.Millisecond
	}
	s := httptest.NewServer(api.New(api.Config{Store: w.Store, Logger: slog.New(slog.DiscardHandler), Live: l}))
	w.Cleanup(s.Close)
	return s
}

// follow opens a stream, which must be answered with the status.
func (w *world) follow(status int, server, token, path string, header ...string) *following {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	w.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != status {
		w.Fatalf("%s: %d, want %d", path, res.StatusCode, status)
	}
	return &following{w, res, bufio.NewReader(res.Body), ""}
}

// next reads the next message; false at the end of the stream.
func (f *following) next() (m message, ok bool) {
	f.t.Helper()
	for {
		line, err := f.read.ReadString('\n')
		if err != nil {
			return m, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "event":
			m.event = value
		case "id":
			m.id, f.id = value, value
		case "data":
			m.data = value
		case "":
			if m.data != "" {
				return m, true
			}
		}
	}
}

// want reads the next message, which must be of the event, and returns its data.
func (f *following) want(event string) string {
	f.t.Helper()
	m, ok := f.next()
	if !ok || m.event != event {
		f.t.Fatalf("got %+v (%v), want %s", m, ok, event)
	}
	return m.data
}

// kinds are the kinds of the entries of a message, with their seqs.
func kinds(t testing.TB, data string) string {
	t.Helper()
	var in struct {
		Items []struct {
			Seq  int64
			Kind string
		}
	}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	var out []string
	for _, i := range in.Items {
		out = append(out, i.Kind+"@"+string(rune('0'+i.Seq)))
	}
	return strings.Join(out, " ")
}

func (f *following) wantKinds(want, id string) {
	f.t.Helper()
	if got := kinds(f.t, f.want("timeline")); got != want || f.id != id {
		f.t.Fatalf("got %s (id %s), want %s (id %s)", got, f.id, want, id)
	}
}

// What happens is told as it comes, a run when its event is handled; who connects again
// continues where they were, whatever happened meanwhile.
func TestATimelineIsFollowedWithoutLossAndDoubling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := w.liveServer(api.Live{}).URL
	_, workflow := w.workflow(manual)
	conv := w.open(w.support.ID, "Refund")
	w.advance(conv)
	path := "/v1/conversations/" + conv + "/live"

	f := w.follow(200, server, w.asAgent, path+"?after=0")
	if got := f.res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("the type is %q", got)
	}
	f.wantKinds("customer_message@1", "1")
	w.want(201, w.asAgent, "POST", "/v1/conversations/"+conv+"/messages", `{"kind":"note","body":"x"}`)
	f.wantKinds("note_added@2", "2-1")
	w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": workflow})
	f.wantKinds("manual_run@3", "3-1")
	_ = f.res.Body.Close()

	w.advance(conv) // while nobody looks
	f = w.follow(200, server, w.asAgent, path, "Last-Event-ID", f.id)
	f.wantKinds("run@3", "3")
	f.wantKinds("tags_changed@4", "4")
	f.wantKinds("assignee_changed@5", "5")
	f = w.follow(200, server, w.asAgent, path+"?seconds=0&after="+f.id)
	if m, ok := f.next(); ok || f.id != "5" {
		t.Errorf("told once more: %+v", m)
	}

	// All of it at once, by who comes later.
	f = w.follow(200, server, w.asAgent, path+"?seconds=0&after=0")
	for _, want := range []string{"customer_message@1", "note_added@2", "manual_run@3 run@3", "tags_changed@4", "assignee_changed@5"} {
		if got := kinds(t, f.want("timeline")); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	w.want(422, w.asAgent, "GET", path+"?seconds=0&after=5-6", nil)
}

func TestTheRunsOfAMailboxAreFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := w.liveServer(api.Live{}).URL
	_, workflow := w.workflow(manual)
	path := "/v1/mailboxes/" + string(w.support.ID) + "/runs/live"
	f := w.follow(200, server, w.asAgent, path)
	run := func(conv string) string {
		asked := w.want(202, w.asAgent, "POST", "/v1/conversations/"+conv+"/runs", map[string]string{"workflow_id": workflow})
		w.advance(conv)
		return asked.text(t, "id")
	}
	told := func(f *following) string {
		var r struct{ ID, State string }
		if err := json.Unmarshal([]byte(f.want("run")), &r); err != nil || r.State != "done" {
			t.Errorf("%+v, %v", r, err)
		}
		return r.ID
	}
	first := run(w.open(w.support.ID, "A"))
	if got := told(f); got != first {
		t.Errorf("got %s, want %s", got, first)
	}
	_ = f.res.Body.Close()
	// What is out of his sight by now is not told; what comes after it is.
	moved := w.open(w.support.ID, "B")
	hidden := run(moved)
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+moved, map[string]any{"mailbox_id": w.billing.ID})
	last := run(w.open(w.support.ID, "C"))
	again := w.follow(200, server, w.asAgent, path, "Last-Event-ID", f.id)
	if got := told(again); got != last {
		t.Errorf("got %s, want %s (and not %s)", got, last, hidden)
	}
	all := w.follow(200, server, w.asAdmin, path, "Last-Event-ID", f.id)
	if got := []string{told(all), told(all)}; !slices.Equal(got, []string{hidden, last}) {
		t.Errorf("the admin is told %v", got)
	}
}

// Who must not read any longer is told nothing more, and the stream ends.
func TestALiveStreamEndsWithTheRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := w.liveServer(api.Live{}).URL
	conv := w.open(w.support.ID, "Refund")
	paths := []string{"/v1/conversations/" + conv + "/live", "/v1/mailboxes/" + string(w.support.ID) + "/runs/live"}
	open := func(token string) (out []*following) {
		for _, p := range paths {
			out = append(out, w.follow(200, server, token, p))
		}
		return out
	}
	ended := func(list []*following, reason string) {
		t.Helper()
		for _, f := range list {
			if data := f.want("end"); !strings.Contains(data, reason) {
				t.Errorf("ended by %s, want %s", data, reason)
			}
			if m, ok := f.next(); ok {
				t.Errorf("told after the end: %+v", m)
			}
		}
	}
	streams := open(w.asAgent)
	none := []conversation.MailboxID{}
	if _, err := w.Store.ChangeUser(t.Context(), access.System(), w.agent.ID, conversation.UserChange{Mailboxes: &none}); err != nil {
		t.Fatal(err)
	}
	ended(streams, "gone")
	for _, p := range paths {
		w.follow(404, server, w.asAgent, p)
	}
	streams = open(w.asAdmin)
	w.Exec(`UPDATE tokens SET revoked_at = now() WHERE user_id = $1`, w.admin.ID)
	ended(streams, "unauthorized")
	w.follow(401, server, w.asAdmin, paths[0])
}

func TestATokenHasSoManyStreamsAndEachShowsThatItIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := w.liveServer(api.Live{Streams: 1, Beat: 5 * time.Millisecond}).URL
	path := "/v1/conversations/" + w.open(w.support.ID, "Refund") + "/live"
	f := w.follow(200, server, w.asAgent, path)
	for line := ""; line != ":\n"; {
		var err error
		if line, err = f.read.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	w.follow(429, server, w.asAgent, path)
	w.follow(200, server, w.asAdmin, path)
}

// pipes is a listener whose connections hold nothing: who does not read stops who
// writes.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A reader who does not read is dropped: his stream counts no more.
func TestASlowReaderIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	handler := api.New(api.Config{Store: w.Store, Logger: slog.New(slog.DiscardHandler), Live: api.Live{Streams: 1, Patience: time.Second}})
	dropped := make(chan struct{})
	slow, quick := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		defer close(dropped)
		handler.ServeHTTP(rw, req)
	})}, httptest.NewServer(handler)
	t.Cleanup(quick.Close)
	conns := make(pipes)
	go func() { _ = slow.Serve(conns) }()
	t.Cleanup(func() { _ = slow.Close() })
	client, served := net.Pipe()
	conns <- served
	path := "/v1/conversations/" + w.open(w.support.ID, "Refund") + "/live"
	if _, err := client.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + w.asAgent + "\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	<-dropped
	w.follow(200, quick.URL, w.asAgent, path)
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("the slow reader's connection is still open")
	}
}

// A server that stops ends its streams, so that it need not wait for them.
func TestAServerThatStopsEndsItsStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := make(chan error, 1)
	go func() {
		stopped <- api.Run(ctx, api.Config{Store: w.Store, Logger: slog.New(slog.DiscardHandler), Listener: l})
	}()
	f := w.follow(200, "http://"+l.Addr().String(), w.asAgent, "/v1/conversations/"+w.open(w.support.ID, "Refund")+"/live")
	stop()
	if data := f.want("end"); !strings.Contains(data, "shutting_down") {
		t.Errorf("ended by %s", data)
	}
	_ = f.res.Body.Close()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// A forgotten tab holds its stream, and opens it again, permanently: that is no use of the
// session.
func TestAStreamIsNoUseOfItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := &askedStore{Store: w.Store}
	server := httptest.NewServer(api.New(api.Config{Store: asked, Logger: slog.New(slog.DiscardHandler),
		Live: api.Live{Look: 5 * time.Millisecond, Beat: 5 * time.Millisecond}}))
	t.Cleanup(server.Close)
	conv := w.open(w.support.ID, "Refund")
	b := w.enter(w.agent)
	const unused = `SELECT count(*) FROM sessions WHERE used_at < now() - interval '1 hour'`
	w.Exec(`UPDATE sessions SET used_at = now() - interval '2 hours'`)
	for range 2 {
		f := w.follow(200, server.URL, "", "/v1/conversations/"+conv+"/live", "Authorization", "", "Cookie", b.cookie)
		for before := asked.sessions.Load(); asked.sessions.Load() < before+3; { // each beat is a line
			if _, err := f.read.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if w.Number(unused) != 1 {
			t.Fatal("a stream keeps its session from ending")
		}
	}
	w.want(200, "", "GET", "/v1/me", nil, "Cookie", b.cookie)
	if w.Number(unused) != 0 {
		t.Error("a request does not")
	}
}
