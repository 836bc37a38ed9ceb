package main

import (
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
)

// openAPICommand prints what a server answers as /openapi.json, without one.
type openAPICommand struct {
	Older bool `name:"3.0" help:"As OpenAPI 3.0.3, for generators that know no newer one."`
}

// Run prints the document.
func (r *openAPICommand) Run(c *console) error {
	text, err := api.Document(app.Version, r.Older)
	if err == nil {
		_, err = c.out.Write(append(text, '\n'))
	}
	return err
}
