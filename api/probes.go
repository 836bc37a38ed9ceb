package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// checkTimeout bounds one check of /readyz.
const checkTimeout = 2 * time.Second

// healthz says that the process serves.
func (s *server) healthz(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}

// checkedFor is how long what the checks of /readyz found is answered again: nobody
// counts who asks.
const checkedFor = time.Second

// checked is what the checks of /readyz found last. One request checks, the others wait
// for it.
type checked struct {
	mu      sync.Mutex
	at      time.Time
	failing []string
}

// readyz says whether requests are welcome: every check passed within the last second
// and no shutdown is under way. Why a check fails stands in the log only.
func (s *server) readyz(c *gin.Context) {
	failing := s.failing(c.Request.Context())
	if s.draining.Load() {
		failing = append([]string{"shutting down"}, failing...)
	}
	if len(failing) > 0 {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "failing": failing})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}

// failing names the checks that fail. That somebody stops asking ends no check: others
// are told of it too.
func (s *server) failing(ctx context.Context) []string {
	s.checked.mu.Lock()
	defer s.checked.mu.Unlock()
	if time.Since(s.checked.at) < checkedFor {
		return s.checked.failing
	}
	s.checked.failing = nil
	for _, check := range s.Ready {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
		err := check.Do(ctx)
		cancel()
		if err != nil {
			s.Logger.WarnContext(ctx, "not ready", "check", check.Name, "error", err)
			s.checked.failing = append(s.checked.failing, check.Name)
		}
	}
	s.checked.at = time.Now()
	return s.checked.failing
}

func (s *server) metrics(c *gin.Context) {
	if s.Metrics == nil {
		write(c, problemFor(http.StatusNotFound, "metrics are not served here, but where SMARTICKS_METRICS_ADDR says"))
		return
	}
	s.Metrics.ServeHTTP(c.Writer, c.Request)
}
