-- Figures over a period read the steps of that period only.
CREATE INDEX claim_decisions_by_step ON claim_decisions (to_state, at);
CREATE INDEX denials_by_time ON denials (opened_at);
