package e2e_test

import (
	"net/http"
	"net/smtp"
	"testing"
	"time"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/internal/silentproxy"
)

// Half-open connections: what a role had open goes silent for good, and nobody is
// told. New connections work, so that each role must give the old ones up by itself.
func TestEachRoleGoesOnAfterItsConnectionsWentSilent(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"api", "mail", "starter", "worker"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			var postgres, temporal *silentproxy.Proxy
			p := start(t, options{through: func(who, dsn, address string) app.Config {
				if who != role {
					return app.Config{Database: app.Database{URL: dsn}, Temporal: &app.Temporal{Address: address}}
				}
				postgres, dsn = silentproxy.Postgres(t, dsn)
				temporal = silentproxy.New(t, address)
				return app.Config{
					Database: app.Database{URL: dsn}, Temporal: &app.Temporal{Address: temporal.Addr()},
					Silence: 4 * time.Second,
				}
			}})
			p.workflow(p.support, answering())
			p.send("ann@example.com", "support@smarticks.test", "before@example.com", "Before", "All is well")
			p.sentReplies(1)

			if postgres.Silence() == 0 || role == "starter" && temporal.Silence() == 0 || role == "worker" && temporal.Silence() == 0 {
				t.Fatal("the role had no connections")
			}
			p.eventually("the API answers", func() bool {
				status, _ := p.try(http.MethodGet, "/v1/conversations", nil)
				return status == http.StatusOK
			})
			p.eventually("mail is accepted", func() bool {
				text := "From: bob@example.com\r\nTo: support@smarticks.test\r\nMessage-ID: <after@example.com>\r\nSubject: After\r\n\r\nStill " +
					"there?\r\n"
				return smtp.SendMail(p.smtp, nil, "bob@example.com", []string{"support@smarticks.test"}, []byte(text)) == nil
			})
			p.sentReplies(2)
			p.once(2, 2)
		})
	}
}
