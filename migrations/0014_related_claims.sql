-- Claims about an earlier claim: what replaces or voids it after it was sent, and what somebody else bills for the same
-- operation.
ALTER TABLE claims ADD COLUMN of_claim TEXT REFERENCES claims (id) ON DELETE CASCADE;
ALTER TABLE claims ADD COLUMN relation TEXT CHECK (relation IN ('replacement', 'void', 'companion'));
CREATE INDEX claims_of_claim ON claims (of_claim) WHERE of_claim IS NOT NULL;
