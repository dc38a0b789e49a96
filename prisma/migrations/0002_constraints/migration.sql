-- What Prisma's schema language cannot say.

-- A name belongs to one living instance of a workspace, however it is written; a destroyed one gives it back.
CREATE UNIQUE INDEX instances_live_name ON instances (workspace_id, lower(name)) WHERE destroyed_at IS NULL;

-- Who takes part in a group, whichever of its threads they wrote in. Private chats, the most of them, don't pay for it.
CREATE INDEX conversations_group ON conversations (platform, group_id) WHERE group_id IS NOT NULL;

-- What is sold. Prices in cents a month, AI credit in micro-dollars a billing cycle. Operators change the rows, not this file.
INSERT INTO plans (id, name, price_cents, currency, credit_micros, position) VALUES
  ('lite', 'Lite', 2900, 'usd', 8000000, 1),
  ('pro', 'Pro', 4900, 'usd', 25000000, 2),
  ('max', 'Max', 10900, 'usd', 60000000, 3);
