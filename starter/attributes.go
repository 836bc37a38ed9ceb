package starter

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/workflows"
)

// wanted lists the search attributes as the temporal program takes them.
func wanted() string {
	var out []string
	for _, key := range workflows.SearchAttributeKeys() {
		out = append(out, key.GetName()+"="+key.GetValueType().String())
	}
	return strings.Join(out, ", ")
}

// probe is a query that names all search attributes.
func probe() string {
	var out []string
	for _, key := range workflows.SearchAttributeKeys() {
		out = append(out, fmt.Sprintf("%s IS NOT NULL", key.GetName()))
	}
	return strings.Join(out, " AND ")
}
