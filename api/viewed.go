package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// viewStore takes the marks by which mail programs say that they showed a mail.
type viewStore interface {
	// Viewed takes a mark; one that is not ours counts for nothing.
	Viewed(ctx context.Context, mark string) error
}

// pixel is a transparent GIF of one point.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00" +
	"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// viewed answers the same image whatever the mark is worth: who tries marks
// learns nothing, and a mail never shows a broken image.
func (s *server) viewed(c *gin.Context) {
	if mark, ok := strings.CutSuffix(c.Param("mark"), ".gif"); ok {
		ctx := c.Request.Context()
		if err := s.Store.Viewed(ctx, mark); err != nil {
			loggerFrom(ctx).WarnContext(ctx, "a view was not recorded", "error", err)
		}
	}
	c.Data(http.StatusOK, "image/gif", pixel)
}
