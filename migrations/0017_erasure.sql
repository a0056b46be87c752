-- A patient is erased whole. Master records are kept but for a patient's, and the words of a deleted one leave the full-text
-- index at once, as those of a claim do.
DROP TRIGGER master_records_are_kept;
CREATE TRIGGER master_records_are_kept BEFORE DELETE ON master_records WHEN OLD.kind <> 'patient'
BEGIN SELECT RAISE(ABORT, 'master records are kept'); END;
INSERT INTO master_search (master_search, rank) VALUES ('secure-delete', 1);
-- What was changed or deleted before leaves with the old segments.
INSERT INTO master_search (master_search) VALUES ('optimize');
