package api

import "github.com/smarticks/smarticks/access"

// Store is all that the API needs; each resource declares its part.
type Store interface {
	tokenStore
	mailboxStore
	userStore
	tokenAdminStore
	settingStore
}

// routes is everything that can be asked: where, by whom, what for, and by which
// handler it is answered. What is not in here does not exist.
//
// get answers 200, post 201, act 200, ask 202 (the work is done later), put and
// patch 200, del 204.
func (s *server) routes() []route {
	mb, us, tk, st := mailboxes{s.Store}, users{s.Store}, tokens{s.Store}, settings{s.Store}
	return []route{
		plain("/healthz", s.healthz),
		plain("/readyz", s.readyz),
		plain("/metrics", s.metrics),
		plain("/openapi.json", s.openAPIDocument),
		plain("/docs", s.docs),

		get("/v1/mailboxes", access.ReadMailbox, "List the mailboxes that you see", mb.list),
		post("/v1/mailboxes", access.ManageMailbox, "Make a mailbox, with a signing secret of its own", mb.create),
		get("/v1/mailboxes/{id}", access.ReadMailbox, "Get a mailbox", mb.get),
		patch("/v1/mailboxes/{id}", access.ManageMailbox, "Change a mailbox", mb.patch),

		get("/v1/users", access.ReadPeople, "List the users", us.list),
		post("/v1/users", access.ManageUser, "Make a user", us.create),
		get("/v1/users/{id}", access.ReadPeople, "Get a user", us.get),
		patch("/v1/users/{id}", access.ManageUser, "Change a user, his memberships included", us.patch),
		get("/v1/me", access.ReadPeople, "Get the user of the token", us.me),

		get("/v1/tokens", access.ManageToken, "List the tokens, without the tokens themselves", tk.list),
		post("/v1/tokens", access.ManageToken, "Make a token; it is shown this once", tk.create),
		del("/v1/tokens/{id}", access.ManageToken, "Revoke a token at once", tk.revoke),

		get("/v1/settings", access.ManageSetting, "Get the installation's settings", st.get),
		patch("/v1/settings", access.ManageSetting, "Change the installation's settings", st.patch),
	}
}
