// Package openapi compares what the API says of itself with readers that others
// wrote: a parser of OpenAPI, and a generator of clients, whose client must compile
// and call the product. It is a module of its own, so that nobody else gets what these need.
package openapi

import _ "github.com/oapi-codegen/runtime" // what a generated client is built with
