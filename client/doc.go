// Package client calls the HTTP API. It knows no more than the API's documentation
// says: addresses, JSON, problem details, pages, and when to try again.
//
//	c, err := client.New(client.Options{URL: "http://127.0.0.1:8080", Token: token})
//	for mailbox, err := range c.Mailboxes(ctx) {
//		…
//	}
package client
