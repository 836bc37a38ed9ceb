-- +goose Up
-- Whether who asked for a manual run confirmed what it sends or deletes, as the
-- version says that was published then. What was asked for before was asked for by
-- those who meant it.
ALTER TABLE runs ADD COLUMN confirmed boolean NOT NULL DEFAULT true;
