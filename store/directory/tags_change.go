package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
	"github.com/smarticks/smarticks/store/rules"
)

// RenameTag gives every conversation that carries a tag another one in its place,
// each with its event, which workflows see as any change of tags, and then makes the
// old one unknown. Folders follow, and so do workflows that name the old one, by a new
// version each, before any conversation changes. A tag that is known already takes it in, if merge says so. When it fails half way,
// a repeat with merge continues.
//
// Errors: errs.NotFound (no such tag), errs.Invalid (with problems), errs.Conflict
// (the other one is known, and merge is false), errs.Unavailable.
func (s *Store) RenameTag(ctx context.Context, who access.Caller, name, to string, merge bool) error {
	const op = "store.RenameTag"
	var p pg.Problems
	name, to = conversation.CleanTag(name), conversation.CleanTag(p.Line("name", to, 1, conversation.MaxTagLength))
	if name == to {
		p.Add("name", "this is its name already")
	}
	if err := p.Err(op); err != nil {
		return err
	}
	err := s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		taken, err := s.knowTag(ctx, tx, to)
		if err == nil && taken && !merge {
			err = errs.New(op, errs.Conflict, "there is a tag of this name: to make both one say merge")
		}
		if err != nil {
			return err
		}
		if err := s.mustKnowTag(ctx, tx, op, name); err != nil {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return rules.FollowTag(ctx, tx, who, name, to, now)
	})
	if err != nil {
		return err
	}
	return s.takeTagAway(ctx, op, who, name, to)
}

// knowTag makes a tag known, and reports whether it was, or is carried.
func (s *Store) knowTag(ctx context.Context, tx pgx.Tx, name string) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO tags (name, created_at) VALUES ($1, clock_timestamp() + $2::interval) ON CONFLICT DO NOTHING`,
		name, s.db.Offset())
	if err != nil || tag.RowsAffected() == 0 {
		return true, err
	}
	return carried(ctx, tx, name)
}

// mustKnowTag makes a tag known that is carried.
//
// Errors: errs.NotFound (it is neither known nor carried).
func (s *Store) mustKnowTag(ctx context.Context, tx pgx.Tx, op, name string) error {
	known, err := s.knowTag(ctx, tx, name)
	if err == nil && !known {
		err = errs.New(op, errs.NotFound, noSuchTag)
	}
	return err
}

const noSuchTag = "there is no such tag"

// carried reports whether a conversation carries the tag.
func carried(ctx context.Context, tx pgx.Tx, name string) (is bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM conversations WHERE tags @> ARRAY[$1::text])`, name).Scan(&is)
	return is, err
}

// takeTagAway takes a tag off all that carries it, or puts another one in its place,
// and then makes it unknown, unless somebody has set it in the meantime.
func (s *Store) takeTagAway(ctx context.Context, op string, who access.Caller, name, to string) error {
	for {
		if err := s.retag(ctx, op, who, name, to); err != nil {
			return err
		}
		left, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (bool, error) {
			now, err := s.db.Now(ctx, tx)
			if err != nil {
				return false, err
			}
			if left, err := forgetTag(ctx, tx, op, name); err != nil || left {
				return left, err
			}
			if err := refile(ctx, tx, who, name, to, now); err != nil {
				return false, err
			}
			if err := engine.SwitchOffNaming(ctx, tx, pg.By(who), now, engine.Gone{Kind: automation.RefTag, ID: name, Name: name}); err != nil {
				return false, err
			}
			verb, after := "deleted", any(nil)
			if to != "" {
				verb, after = "renamed", map[string]any{"name": to}
			}
			return false, pg.InsertAudit(ctx, tx, pg.AuditEntry{
				At:         now,
				By:         pg.By(who),
				Verb:       verb,
				ObjectKind: "tag",
				ObjectID:   name,
				Before:     map[string]any{"name": name},
				After:      after,
			})
		})
		if err != nil || !left {
			return err
		}
	}
}

// forgetTag makes the tag unknown, unless it is carried still: left.
func forgetTag(ctx context.Context, tx pgx.Tx, op, name string) (left bool, err error) {
	if left, err = carried(ctx, tx, name); err != nil || left {
		return left, err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM tags WHERE name = $1`, name)
	if err == nil && tag.RowsAffected() == 0 {
		err = errs.New(op, errs.NotFound, noSuchTag)
	}
	return false, err
}

// retag changes the tags of all that carries the tag, each in a transaction of its
// own: there may be many.
func (s *Store) retag(ctx context.Context, op string, who access.Caller, name, to string) error {
	var add []string
	if to != "" {
		add = []string{to}
	}
	for {
		rows, err := s.db.Pool.Query(ctx, `SELECT id FROM conversations WHERE tags @> ARRAY[$1::text] ORDER BY id LIMIT 100`, name)
		if err != nil {
			return pg.Classify(op, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[conversation.ID])
		if err != nil || len(ids) == 0 {
			return pg.Classify(op, err)
		}
		for _, id := range ids {
			if err := s.Edit(ctx, op, id, who.Actor(), func(_ pgx.Tx, _ *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
				ed.ChangeTags(add, []string{name})
				return runs.Step{}, nil
			}); err != nil {
				return err
			}
		}
	}
}

// refile puts the other tag into the folders that have the old one. A folder that is
// left without a view keeps a tag that nothing carries.
func refile(ctx context.Context, tx pgx.Tx, who access.Caller, name, to string, now time.Time) error {
	if to == "" {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT `+tables.FolderColumns+` FROM folders fo WHERE fo.tags @> ARRAY[$1::text] ORDER BY fo.id FOR UPDATE`,
		name)
	if err != nil {
		return err
	}
	before, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Folder, error) { return tables.ScanFolder(r) })
	if err != nil {
		return err
	}
	for _, f := range before {
		after := f
		if err := tx.QueryRow(ctx, `UPDATE folders SET tags = ARRAY(SELECT DISTINCT t FROM unnest(array_replace(tags, $2, $3)) t ORDER BY t)
			WHERE id = $1 RETURNING tags`, f.ID, name, to).Scan(&after.Tags); err != nil {
			return err
		}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "folder",
			ObjectID:   string(f.ID),
			Mailbox:    f.MailboxID,
			Before:     auditFolder(f),
			After:      auditFolder(after),
		}); err != nil {
			return err
		}
	}
	return nil
}
