-- +goose Up

-- Whether a version was derived by the program (store.Provenance.Derived): its level rises with what it refers to.
ALTER TABLE versions ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;
UPDATE versions SET derived = 1 WHERE type = 'sighting' AND importer IN (SELECT id FROM importers WHERE name IN ('match', 'events'));

PRAGMA user_version = 6;
