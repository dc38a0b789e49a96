-- The chat hot path. chat_open stores an update, tells a duplicate and reads everything a handler needs; chat_commit writes everything
-- the handler decided, or nothing. A process that remembers what it read from the last update decides at once and needs
-- chat_commit alone, which checks the stamp: one round trip. Between the two no transaction is open: stamp and revision tell
-- whether somebody else got there first.

-- Changes whenever anything changes that chat_open reads of a person and a workspace, beside the conversation (its revision tells)
-- and the screen (written once). A row's xmin is the transaction that wrote it. A table of one row, so that PostgreSQL makes it part
-- of the statement that asks for many.
CREATE FUNCTION chat_stamp(p_platform text, p_user text, p_person text, p_workspace text) RETURNS TABLE (stamp text) LANGUAGE sql STABLE AS $$
  SELECT hashtextextended(concat_ws(' ',
    (SELECT xmin FROM identities WHERE platform = p_platform AND external_id = p_user AND person_id = p_person),
    (SELECT xmin FROM people WHERE id = p_person),
    (SELECT xmin FROM workspaces WHERE id = p_workspace),
    'g', (SELECT xmin FROM grants WHERE workspace_id = p_workspace AND person_id = p_person),
    'i', (SELECT string_agg(concat(i.id, i.xmin, o.xmin), ' ') FROM (
      SELECT id, xmin FROM instances WHERE workspace_id = p_workspace AND destroyed_at IS NULL ORDER BY created_at LIMIT 50) i
      LEFT JOIN orders o ON o.instance_id = i.id),
    'o', (SELECT string_agg(id || xmin, ' ') FROM (
      SELECT id, xmin FROM orders WHERE workspace_id = p_workspace ORDER BY created_at DESC LIMIT 3) o)), 0)::text
$$;

-- Stores an update and reads its surroundings. With "reload": true nothing is stored, only read again.
-- Three statements in the common case; who is new here, or changed their name, costs more once.
CREATE FUNCTION chat_open(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_platform text := p->>'platform';
  v_chat     text := p->>'chatId';
  v_group    text := p->>'groupId';
  v_user     text := p->>'userId';
  r          record;
BEGIN
  IF NOT coalesce((p->>'reload')::boolean, false) THEN
    -- Not waited for: the row outlives this process at once, and chat_commit's own commit makes it outlive the server. Lost is only what
    -- was stored in the instant before both died together, and a server that comes back finds the handler still at work.
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO inbox (platform, update_key, payload, claimed_until)
    VALUES (v_platform, p->>'updateKey', p->'payload', now() + make_interval(secs => (p->>'claimSeconds')::int))
    ON CONFLICT (platform, update_key) DO UPDATE
      SET claimed_until = excluded.claimed_until, attempts = inbox.attempts + 1
      WHERE inbox.handled_at IS NULL AND inbox.claimed_until < now();
    IF NOT FOUND THEN
      RETURN jsonb_build_object('duplicate', true);
    END IF;
  END IF;

  FOR turn IN 1..2 LOOP
    SELECT i.person_id, q.language, i.locale, i.private_chat_id, i.display_name, i.username,
           w.id AS workspace_id, w.kind, w.owner_person_id, w.language AS workspace_language, w.admin_role_id, w.left_at, g.role AS granted,
           c.id AS conversation_id, c.flow, c.version, c.step, c.answers, c.revision, c.expires_at, c.view_id INTO r
    FROM identities i
    JOIN people q ON q.id = i.person_id
    JOIN workspaces w ON w.id = CASE WHEN v_group IS NULL THEN 'wsp_' || i.person_id
      ELSE (SELECT id FROM workspaces WHERE platform = v_platform AND external_chat_id = v_group) END
    LEFT JOIN grants g ON g.workspace_id = w.id AND g.person_id = i.person_id
    JOIN conversations c ON c.platform = v_platform AND c.chat_id = v_chat AND c.user_id = v_user
    WHERE i.platform = v_platform AND i.external_id = v_user;
    EXIT WHEN FOUND
      AND r.left_at IS NULL
      AND r.display_name IS NOT DISTINCT FROM p->>'userName'
      AND r.username IS NOT DISTINCT FROM p->>'username'
      AND (v_group IS NOT NULL OR r.private_chat_id IS NOT DISTINCT FROM v_chat);
    IF turn = 1 THEN
      PERFORM chat_meet(p);
    END IF;
  END LOOP;

  RETURN jsonb_build_object(
    'stamp', (SELECT stamp FROM chat_stamp(v_platform, v_user, r.person_id, r.workspace_id)),
    'personId', r.person_id,
    'language', r.language,
    'locale', r.locale,
    'privateChatId', r.private_chat_id,
    'workspace', jsonb_build_object('id', r.workspace_id, 'kind', r.kind, 'ownerPersonId', r.owner_person_id,
      'language', r.workspace_language, 'adminRoleId', r.admin_role_id, 'grant', r.granted),
    'conversation', jsonb_build_object('id', r.conversation_id, 'flow', r.flow, 'version', r.version, 'step', r.step,
      'answers', r.answers, 'revision', r.revision, 'expiresAt', r.expires_at, 'viewId', r.view_id),
    'screen', CASE WHEN p ? 'screenId' THEN (
      SELECT jsonb_build_object('id', id, 'viewId', view_id, 'conversationId', conversation_id, 'workspaceId', workspace_id,
        'revision', revision, 'userId', user_id, 'buttons', buttons, 'usedKeys', to_jsonb(used_keys), 'expiresAt', expires_at)
      FROM screens WHERE id = p->>'screenId' AND platform = v_platform AND chat_id = v_chat) END,
    -- At most one page of each: a workspace with more asks by name. Both run on (workspace_id, created_at).
    'instances', (SELECT coalesce(jsonb_agg(to_jsonb(i)), '[]') FROM (
      SELECT i.id, i.name, i.state, i.source, i.model, i.plan_id, i.host_id, i.platform, i.chat_id, i.gateway_token_sealed, i.owner_person_id,
             i.allowance_micros::text, i.baseline_micros::text, i.usage_micros::text, i.usage_read_at, i.cycle_ends_at, i.created_at, i.ready_at,
             i.crash_count, o.id AS renewed_by, o.ends_at
      FROM instances i LEFT JOIN orders o ON o.instance_id = i.id AND o.state = 'active' AND o.subscription_id IS NOT NULL
      WHERE i.workspace_id = r.workspace_id AND i.destroyed_at IS NULL ORDER BY i.created_at LIMIT 50) i),
    'orders', (SELECT coalesce(jsonb_agg(to_jsonb(o)), '[]') FROM (
      SELECT id, state, instance_name, plan_id, instance_id, created_at
      FROM orders WHERE workspace_id = r.workspace_id ORDER BY created_at DESC LIMIT 3) o));
END $$;

-- Makes known whoever is not: person, identity, workspace, conversation. Two replicas may meet somebody at the same moment.
CREATE FUNCTION chat_meet(p jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_platform text := p->>'platform';
  v_group    text := p->>'groupId';
  v_person   text;
BEGIN
  SELECT person_id INTO v_person FROM identities WHERE platform = v_platform AND external_id = p->>'userId';
  IF v_person IS NULL THEN
    INSERT INTO people (id) VALUES (p->>'newPersonId') ON CONFLICT DO NOTHING;
    INSERT INTO identities (platform, external_id, person_id, display_name, username, locale)
    VALUES (v_platform, p->>'userId', p->>'newPersonId', p->>'userName', p->>'username', p->>'locale')
    ON CONFLICT DO NOTHING;
    SELECT person_id INTO v_person FROM identities WHERE platform = v_platform AND external_id = p->>'userId';
    IF v_person <> p->>'newPersonId' THEN
      DELETE FROM people WHERE id = p->>'newPersonId';
    END IF;
  END IF;
  UPDATE identities
  SET display_name = p->>'userName', username = p->>'username', locale = coalesce(p->>'locale', locale),
      private_chat_id = CASE WHEN v_group IS NULL THEN p->>'chatId' ELSE private_chat_id END
  WHERE platform = v_platform AND external_id = p->>'userId';
  IF v_group IS NULL THEN
    INSERT INTO workspaces (id, kind, owner_person_id) VALUES ('wsp_' || v_person, 'personal', v_person) ON CONFLICT DO NOTHING;
  ELSE -- whoever starts in a group owns its workspace
    INSERT INTO workspaces (id, kind, owner_person_id, platform, external_chat_id, title)
    VALUES (p->>'newWorkspaceId', 'group', v_person, v_platform, v_group, p->>'chatTitle') ON CONFLICT DO NOTHING;
    -- Whoever writes to us there has brought us back.
    UPDATE workspaces SET left_at = NULL WHERE platform = v_platform AND external_chat_id = v_group AND left_at IS NOT NULL;
  END IF;
  INSERT INTO conversations (id, platform, chat_id, group_id, user_id)
  VALUES (p->>'newConversationId', v_platform, p->>'chatId', v_group, p->>'userId')
  ON CONFLICT DO NOTHING;
END $$;

-- What one handler decided, beside its messages.
CREATE TYPE chat_turn AS (
  platform        text,
  update_key      text,
  user_id         text,
  person_id       text,
  workspace_id    text,
  stamp           text,  -- what it was decided from; null: it was read for this decision
  conversation_id text,
  revision        int,
  patch           jsonb, -- what becomes of the conversation; null leaves it alone
  screen_id       text,  -- the one-time button that was pressed
  button_key      text
);

-- Writes what handlers of different conversations decided: conversation, pressed key, screens and outbox, and marks the update handled.
-- A row for each, in order: "done" with the outbox ids of its posts; or "handled", "conflict" or "used", and nothing of it is written,
-- when somebody else was quicker: an update has one answer, also when the first commit's own answer was lost on its way and the
-- commit is repeated.
--
-- p_unstored: the updates were not stored before; whatever stands in an update's way is a conflict, for chat_open to tell apart. The
-- disk is not waited for then: nothing but the chat is written (effects never come this way), so what a crash of the database server
-- could take, never one of ours, is the last step of a conversation within the blink of an eye. It is taken whole, and asked for again.
--
-- Every table is read by key, a few rows of however many. The planner, which thinks of a hundred turns and of tables as small as they were
-- when it last looked, would rather read them whole, each time.
CREATE FUNCTION chat_commit(p_turns json, p_posts json, p_unstored boolean) RETURNS TABLE (outcome text, ids text[]) LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_turns    chat_turn[];
  v_outcomes text[];
  v_done     bigint[];
BEGIN
  IF p_unstored THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  SELECT array_agg(t) INTO v_turns FROM json_populate_recordset(NULL::chat_turn, p_turns) t;

  -- A command that leaves the conversation alone takes no lock: what it says is true whoever else is at work.
  PERFORM FROM conversations
  WHERE id = ANY (ARRAY(SELECT t.conversation_id FROM unnest(v_turns) t WHERE t.patch IS NOT NULL)) ORDER BY id FOR UPDATE;
  PERFORM FROM screens
  WHERE id = ANY (ARRAY(SELECT t.screen_id FROM unnest(v_turns) t WHERE t.screen_id IS NOT NULL)) ORDER BY id FOR UPDATE;

  SELECT array_agg(CASE
    WHEN NOT p_unstored AND EXISTS (
      SELECT FROM inbox WHERE platform = t.platform AND update_key = t.update_key AND handled_at IS NOT NULL) THEN 'handled'
    WHEN c.revision IS DISTINCT FROM t.revision OR t.stamp IS NOT NULL AND t.stamp <> s.stamp OR EXISTS (
      SELECT FROM unnest(v_turns) WITH ORDINALITY before
      WHERE before.conversation_id = t.conversation_id AND before.ordinality < t.ordinality) THEN 'conflict'
    WHEN t.screen_id IS NOT NULL AND (
      NOT EXISTS (SELECT FROM screens WHERE id = t.screen_id AND t.button_key <> ALL (used_keys))
      OR EXISTS (
        SELECT FROM unnest(v_turns) WITH ORDINALITY before
        WHERE before.screen_id = t.screen_id AND before.button_key = t.button_key AND before.ordinality < t.ordinality)) THEN 'used'
    END ORDER BY t.ordinality) INTO v_outcomes
  FROM unnest(v_turns) WITH ORDINALITY t
  LEFT JOIN conversations c ON c.id = t.conversation_id
  CROSS JOIN LATERAL chat_stamp(t.platform, t.user_id, t.person_id, t.workspace_id) s;

  -- Before the first write of anything else: a repeated update finds its row here and changes nothing. A row that a crash of the server
  -- took is made anew.
  WITH taken AS (
    INSERT INTO inbox (platform, update_key, payload, claimed_until, handled_at)
    SELECT t.platform, t.update_key, '{}', now(), now() FROM unnest(v_turns) WITH ORDINALITY t WHERE v_outcomes[t.ordinality] IS NULL
    ON CONFLICT (platform, update_key) DO UPDATE SET handled_at = now(), payload = '{}' WHERE inbox.handled_at IS NULL AND NOT p_unstored
    RETURNING platform, update_key
  )
  SELECT coalesce(array_agg(t.ordinality), '{}') INTO v_done
  FROM taken JOIN unnest(v_turns) WITH ORDINALITY t USING (platform, update_key) WHERE v_outcomes[t.ordinality] IS NULL;

  UPDATE screens s SET used_keys = s.used_keys || pressed.keys
  FROM (
    SELECT t.screen_id, array_agg(t.button_key) AS keys FROM unnest(v_turns) WITH ORDINALITY t
    WHERE t.screen_id IS NOT NULL AND t.ordinality = ANY (v_done) GROUP BY t.screen_id) pressed
  WHERE s.id = pressed.screen_id;

  UPDATE conversations c SET
    revision = c.revision + 1,
    flow = t.patch->>'flow',
    version = coalesce((t.patch->>'version')::int, 0),
    step = t.patch->>'step',
    answers = coalesce(t.patch->'answers', '{}'),
    view_id = t.patch->>'viewId',
    expires_at = (t.patch->>'expiresAt')::timestamptz,
    updated_at = now()
  FROM unnest(v_turns) WITH ORDINALITY t
  WHERE c.id = t.conversation_id AND t.patch IS NOT NULL AND t.ordinality = ANY (v_done);

  RETURN QUERY
  WITH posted AS MATERIALIZED (
    SELECT p.turn, array_agg(p.id::text ORDER BY p.ordinality) AS ids FROM chat_post(p_posts, v_done) WITH ORDINALITY p GROUP BY p.turn)
  SELECT
    CASE WHEN t.ordinality = ANY (v_done) THEN 'done' ELSE coalesce(t.outcome, CASE WHEN p_unstored THEN 'conflict' ELSE 'handled' END) END,
    coalesce(posted.ids, '{}')
  FROM unnest(v_outcomes) WITH ORDINALITY t (outcome, ordinality) LEFT JOIN posted ON posted.turn = t.ordinality
  ORDER BY t.ordinality;
END $$;

-- Adds screens and outbox rows, all or those of some turns (counted from 1). The outbox ids in order, null for a notice that was posted before.
CREATE FUNCTION chat_post(p_posts json, p_turns bigint[] DEFAULT NULL) RETURNS TABLE (turn int, id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT * FROM ROWS FROM (json_to_recordset(p_posts) AS (
      turn int, screen_id text, platform text, chat_id text, view_id text, view json, buttons json, language text, place text, edit_ref text,
      user_id text, only_for text, answers text, conversation_id text, workspace_id text, revision int, dedupe_key text, hold_seconds int
    )) WITH ORDINALITY
    WHERE p_turns IS NULL OR turn = ANY (p_turns)
  ), told AS (
    INSERT INTO notice_keys (key) SELECT dedupe_key FROM wanted WHERE dedupe_key IS NOT NULL ON CONFLICT DO NOTHING RETURNING key
  ), posts AS MATERIALIZED (
    SELECT *, CASE
      WHEN dedupe_key IS NULL OR dedupe_key IN (SELECT key FROM told) AND NOT EXISTS (
        SELECT FROM wanted before WHERE before.dedupe_key = wanted.dedupe_key AND before.ordinality < wanted.ordinality)
      THEN nextval('outbox_id_seq') END AS id
    FROM wanted
  ), drawn AS (
    INSERT INTO screens (id, platform, chat_id, view_id, conversation_id, workspace_id, revision, user_id, buttons, expires_at, created_at)
    SELECT screen_id, platform, chat_id, view_id, conversation_id, workspace_id, revision, user_id, buttons, now() + make_interval(days => 30),
           -- Not now(): which of two drawings of a view is newer decides what a chat shows, also within a millisecond or a transaction.
           clock_timestamp()
    FROM posts WHERE id IS NOT NULL
  ), sent AS (
    INSERT INTO outbox (id, platform, chat_id, view_id, view, language, screen_id, place, edit_ref, only_for, answers, dedupe_key, next_attempt_at)
    SELECT id, platform, chat_id, view_id, view, language, screen_id, place, edit_ref, only_for, answers, dedupe_key,
           now() + make_interval(secs => coalesce(hold_seconds, 0))
    FROM posts WHERE id IS NOT NULL
  )
  SELECT turn, id FROM posts;
END $$;

-- Clears delivered messages in one go: [{ id, screenId, refs }].
CREATE FUNCTION chat_delivered(p json) RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  UPDATE screens s SET message_refs = d.refs
  FROM json_to_recordset(p) AS d ("screenId" text, refs text[])
  WHERE s.id = d."screenId";
  DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT d.id FROM json_to_recordset(p) AS d (id bigint)));
END $$;

-- Claims due messages of some platforms; unsent edits of one view are superseded by the newest.
CREATE FUNCTION outbox_claim(p_platforms text[], p_limit int, p_hold_seconds int) RETURNS SETOF outbox LANGUAGE sql AS $$
  WITH due AS (
    SELECT id FROM outbox WHERE platform = ANY (p_platforms) AND next_attempt_at <= now()
    ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED
  ), superseded AS (
    DELETE FROM outbox o USING outbox newer
    WHERE o.id IN (SELECT id FROM due) AND o.place = 'edit'
      AND newer.platform = o.platform AND newer.chat_id = o.chat_id AND newer.view_id = o.view_id AND newer.place = 'edit'
      AND o.edit_ref IS NULL AND newer.edit_ref IS NULL AND newer.id > o.id
    RETURNING o.id
  ), claimed AS (
    UPDATE outbox SET next_attempt_at = now() + make_interval(secs => p_hold_seconds), attempts = attempts + 1
    WHERE id IN (SELECT id FROM due) AND id NOT IN (SELECT id FROM superseded)
    RETURNING *
  )
  SELECT * FROM claimed ORDER BY id
$$;

-- What the sweeps look for every few seconds: only what is unfinished, however long the history.
CREATE INDEX operations_unfinished ON operations (created_at) WHERE finished_at IS NULL;
CREATE INDEX inbox_unhandled ON inbox (received_at) WHERE handled_at IS NULL;

-- A message lives here for an instant: compressing its view would cost more than the room.
ALTER TABLE outbox SET (toast_tuple_target = 8160);

-- Every screen is changed once, when its message is out: with room beside it that costs no index anything (a sixth of all that is logged).
ALTER TABLE screens SET (fillfactor = 50);
