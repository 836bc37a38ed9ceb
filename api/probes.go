package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// checkTimeout bounds one check of /readyz.
const checkTimeout = 2 * time.Second

// healthz says that the process serves.
func (s *server) healthz(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}

// readyz says whether requests are welcome: every check passes and no shutdown
// is under way. Why a check fails stands in the log only.
func (s *server) readyz(c *gin.Context) {
	failing := []string{}
	if s.draining.Load() {
		failing = append(failing, "shutting down")
	}
	for _, check := range s.Ready {
		ctx, cancel := context.WithTimeout(c.Request.Context(), checkTimeout)
		err := check.Do(ctx)
		cancel()
		if err != nil {
			s.Logger.WarnContext(c.Request.Context(), "not ready", "check", check.Name, "error", err)
			failing = append(failing, check.Name)
		}
	}
	if len(failing) > 0 {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not ready", "failing": failing})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}

func (s *server) metrics(c *gin.Context) {
	if s.Metrics == nil {
		write(c, problemFor(http.StatusNotFound, "metrics are not served here"))
		return
	}
	s.Metrics.ServeHTTP(c.Writer, c.Request)
}
