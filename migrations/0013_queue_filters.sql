-- The orders of the queue carry what is filtered by: an order is walked and its claims are told apart in the index, and only
-- those that are shown are looked up.
DROP INDEX queue_by_risk;
DROP INDEX queue_by_money;
DROP INDEX queue_by_age;
DROP INDEX queue_by_payer;
DROP INDEX queue_by_dos;
CREATE INDEX queue_by_risk ON claim_queue (state, risk, cents, number, payer, physician, assignee, dos);
CREATE INDEX queue_by_money ON claim_queue (state, cents, number, payer, physician, assignee, dos, risk);
CREATE INDEX queue_by_age ON claim_queue (state, created_at, number, payer, physician, assignee, dos, risk, cents);
CREATE INDEX queue_by_payer ON claim_queue (state, payer, created_at, number, physician, assignee, dos, risk, cents);
CREATE INDEX queue_by_dos ON claim_queue (state, dos, number, payer, physician, assignee, risk, cents);
