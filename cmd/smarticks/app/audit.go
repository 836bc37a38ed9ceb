package app

import (
	"context"

	"github.com/smarticks/smarticks/store"
)

// warnAudit logs when the roles may change the audit, which a deployment with one
// database user for everything has to live with.
func (p *Product) warnAudit(ctx context.Context) {
	switch kept, err := p.Store.AuditIsKept(ctx); {
	case err != nil:
		p.Logger.WarnContext(ctx, "it cannot be seen whether the audit is kept", "error", err)
	case !kept:
		p.Logger.WarnContext(ctx, "the database user may change the audit: run `smarticks migrate` as the owner of the tables, and let this "+
			"user be a member of smarticks_app and no owner")
	}
}

// AuditLine tells in a sentence whether who connects with the settings may change
// the audit.
func AuditLine(ctx context.Context, db Database) (string, error) {
	st, err := store.Open(ctx, store.Config{DSN: db.URL, MaxConns: 1})
	if err != nil {
		return "", err
	}
	defer st.Close()
	kept, err := st.AuditIsKept(ctx)
	if err != nil {
		return "", err
	}
	if kept {
		return "The roles work as smarticks_app, who cannot change the audit.", nil
	}
	return "The roles work as the database user, who may change the audit: the role smarticks_app could not be made or not be taken.", nil
}
