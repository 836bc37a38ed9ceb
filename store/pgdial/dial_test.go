package pgdial

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// scene gives both ends of a connection in fake time.
func scene(t *testing.T, do func(t *testing.T, c *conn, server net.Conn, told *int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, server := net.Pipe()
		told := 0
		c := Dialer{Silence: 40 * time.Second, OnSilence: func() { told++ }}.watch(near)
		do(t, c, server, &told)
		_ = c.Close()
		_ = server.Close()
	})
}

func isSilent(err error) bool {
	var silent *SilentError
	var other net.Error
	timedOut := errors.As(err, &other) && other.Timeout()
	return errors.As(err, &silent) && !timedOut
}

func TestAReadEndsWhenNothingComesForTooLong(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, c *conn, _ net.Conn, told *int) {
		began := time.Now()
		_, err := c.Read(make([]byte, 1))
		if !isSilent(err) || time.Since(began) != 40*time.Second || *told != 1 {
			t.Errorf("after %v: %v, told %d times", time.Since(began), err, *told)
		}
	})
}

func TestAWriteEndsWhenNobodyTakesIt(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, c *conn, _ net.Conn, told *int) {
		began := time.Now()
		_, err := c.Write([]byte("SELECT 1"))
		if !isSilent(err) || time.Since(began) != 40*time.Second || *told != 1 {
			t.Errorf("after %v: %v, told %d times", time.Since(began), err, *told)
		}
	})
}

func TestAnAnswerThatComesInPiecesMayTakeLonger(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, c *conn, server net.Conn, _ *int) {
		go func() {
			for range 5 {
				time.Sleep(39 * time.Second)
				_, _ = server.Write([]byte("x"))
			}
		}()
		for range 5 {
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnIdleConnectionLivesOn(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, c *conn, server net.Conn, _ *int) {
		time.Sleep(24 * time.Hour)
		go func() { _, _ = server.Write([]byte("x")) }()
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
	})
}

// pgx ends what is under way by a deadline in the past, and takes it away again.
func TestADeadlineOfTheUserHoldsAndIsTold(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*conn, time.Time) error{
		"both": (*conn).SetDeadline, "read": (*conn).SetReadDeadline,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, func(t *testing.T, c *conn, server net.Conn, told *int) {
				began := time.Now()
				go func() {
					time.Sleep(time.Second)
					_ = set(c, time.Unix(1, 0))
				}()
				_, err := c.Read(make([]byte, 1))
				if !errors.Is(err, os.ErrDeadlineExceeded) || isSilent(err) || time.Since(began) != time.Second || *told != 0 {
					t.Errorf("after %v: %v, told %d times", time.Since(began), err, *told)
				}
				if err := set(c, time.Time{}); err != nil {
					t.Fatal(err)
				}
				go func() { _, _ = server.Write([]byte("x")) }()
				if _, err := c.Read(make([]byte, 1)); err != nil {
					t.Errorf("after the deadline was taken away: %v", err)
				}
				if _, err := c.Read(make([]byte, 1)); !isSilent(err) {
					t.Errorf("then: %v", err)
				}
			})
		})
	}
}

func TestALaterDeadlineOfTheUserDoesNotLengthenTheSilence(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, c *conn, _ net.Conn, _ *int) {
		began := time.Now()
		if err := c.SetDeadline(began.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); !isSilent(err) || time.Since(began) != 40*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestDialReachesAListener(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := Dialer{Silence: time.Minute}.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
