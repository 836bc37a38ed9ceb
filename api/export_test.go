package api

// Routes returns what Gin serves and what the table declares, as "GET /v1/users/:id";
// the declared ones with whether they are open.
func Routes(cfg Config) (served []string, declared map[string]bool) {
	engine, s := build(cfg)
	for _, r := range engine.Routes() {
		served = append(served, r.Method+" "+r.Path)
	}
	declared = map[string]bool{}
	for key, r := range s.table {
		declared[key] = r.verb == open
	}
	return served, declared
}
