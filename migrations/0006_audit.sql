-- Audit events are sealed: each has a MAC under a key of the vault and names the dictation it is about. Events from
-- before have neither; the first sealed event's hash covers theirs.
ALTER TABLE audit_events ADD COLUMN dictation_id TEXT;
ALTER TABLE audit_events ADD COLUMN mac TEXT;
CREATE INDEX audit_events_by_dictation ON audit_events (dictation_id);
-- INSERT OR REPLACE deletes without asking the delete trigger.
CREATE TRIGGER audit_events_follow BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE seq >= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;

-- How many events there ever were, to tell events cut off from an older copy of the whole file.
CREATE TABLE audit_count (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  events  INTEGER NOT NULL CHECK (events >= 0)
) STRICT;
INSERT INTO audit_count (one, events) SELECT 1, count(*) FROM audit_events;
CREATE TRIGGER audit_events_are_counted AFTER INSERT ON audit_events
BEGIN UPDATE audit_count SET events = events + 1; END;
CREATE TRIGGER audit_count_only_grows BEFORE UPDATE ON audit_count WHEN NEW.events <= OLD.events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
CREATE TRIGGER audit_count_is_not_deleted BEFORE DELETE ON audit_count
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
