package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/internal/silentproxy"
	"github.com/smarticks/smarticks/store"
)

// silentShop is a store that reaches its database through a proxy, with so many
// connections that are open and rest.
func silentShop(t *testing.T, resting int) (*store.Store, *silentproxy.Proxy) {
	t.Helper()
	proxy, dsn := silentproxy.Postgres(t, pgtest.New(t))
	s, err := store.Open(t.Context(), store.Config{DSN: dsn, MaxConns: int32(resting), Silence: 4 * time.Second})
	check(t, err)
	t.Cleanup(s.Close)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range resting {
		all.Go(func() {
			<-begin
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
	return s, proxy
}

func TestConnectionsThatWentSilentAreGivenUp(t *testing.T) {
	t.Parallel()
	s, proxy := silentShop(t, 8)
	if proxy.Silence() == 0 {
		t.Fatal("there was no connection")
	}
	// Whoever gets one fails, and says that waiting helps; soon all are new.
	for tries := 1; ; tries++ {
		_, _, err := s.Claim(t.Context(), 10)
		if err == nil {
			break
		}
		if !errs.Is(err, errs.Unavailable) {
			t.Fatalf("try %d: %v", tries, err)
		}
	}
}

func TestAListenerNoticesThatItsConnectionWentSilent(t *testing.T) {
	t.Parallel()
	s, proxy := silentShop(t, 1)
	listening := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(t.Context(), func() { listening <- struct{}{} }) }()
	<-listening
	proxy.Silence()
	if err := <-ended; !errs.Is(err, errs.Unavailable) {
		t.Errorf("it ended with %v", err)
	}
}
