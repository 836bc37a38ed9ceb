package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/automation"
)

// workflowSchema serves the JSON Schema of workflow files.
func (s *server) workflowSchema(c *gin.Context) {
	text, err := json.MarshalIndent(automation.Schema(), "", " ")
	if err != nil {
		panic(err) // texts, numbers and lists always encode
	}
	c.Data(http.StatusOK, "application/schema+json", append(text, '\n'))
}
