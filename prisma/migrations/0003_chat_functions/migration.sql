-- The chat hot path. chat_open stores an update, tells a duplicate and reads everything a handler needs; chat_commit writes everything
-- the handler decided, or nothing. A process that remembers what it read from the last update decides at once and needs
-- chat_commit alone, which checks the stamp: one round trip. Between the two no transaction is open: stamp and revision tell
-- whether somebody else got there first.

-- Changes whenever anything changes that chat_open reads of a person and a workspace, beside the conversation (its revision tells)
-- and the screen (written once). A row's xmin is the transaction that wrote it.
CREATE FUNCTION chat_stamp(p_platform text, p_user text, p_person text, p_workspace text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT hashtextextended(concat_ws(' ',
    (SELECT xmin FROM identities WHERE platform = p_platform AND external_id = p_user AND person_id = p_person),
    (SELECT xmin FROM people WHERE id = p_person),
    (SELECT xmin FROM workspaces WHERE id = p_workspace),
    'g', (SELECT xmin FROM grants WHERE workspace_id = p_workspace AND person_id = p_person),
    'i', (SELECT string_agg(id || xmin, ' ') FROM (
      SELECT id, xmin FROM instances WHERE workspace_id = p_workspace AND destroyed_at IS NULL ORDER BY created_at LIMIT 50) i),
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
    'stamp', chat_stamp(v_platform, v_user, r.person_id, r.workspace_id),
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
      SELECT id, name, state, source, model, plan_id, host_id, platform, chat_id, gateway_token_sealed, owner_person_id,
             allowance_micros::text, baseline_micros::text, usage_micros::text, usage_read_at, cycle_ends_at, created_at, ready_at, crash_count
      FROM instances WHERE workspace_id = r.workspace_id AND destroyed_at IS NULL ORDER BY created_at LIMIT 50) i),
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

-- Writes what the handler decided: conversation, pressed key, screens and outbox, and marks the update handled.
-- Answers {"handled":true}, {"conflict":true} or {"used":true} and writes nothing when somebody else was quicker: an update has
-- one answer, also when the first commit's own answer was lost on its way and the commit is repeated.
-- With "unstored": true the update was not stored before; whatever stands in its way is a conflict, for chat_open to tell apart.
CREATE FUNCTION chat_commit(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_revision int;
  v_unstored boolean := coalesce((p->>'unstored')::boolean, false);
  v_talk     jsonb := p->'conversation';
  v_press    jsonb := p->'press';
  v_ids      jsonb;
BEGIN
  IF NOT v_unstored AND EXISTS (
    SELECT 1 FROM inbox WHERE platform = p->>'platform' AND update_key = p->>'updateKey' AND handled_at IS NOT NULL
  ) THEN
    RETURN jsonb_build_object('handled', true);
  END IF;
  -- A command that leaves the conversation alone takes no lock: what it says is true whoever else is at work.
  IF v_talk ? 'patch' THEN
    SELECT revision INTO v_revision FROM conversations WHERE id = v_talk->>'id' FOR UPDATE;
  ELSE
    SELECT revision INTO v_revision FROM conversations WHERE id = v_talk->>'id';
  END IF;
  IF v_revision IS DISTINCT FROM (v_talk->>'revision')::int
    OR p->>'stamp' <> chat_stamp(p->>'platform', p->>'userId', p->>'personId', p->>'workspaceId') THEN
    RETURN jsonb_build_object('conflict', true);
  END IF;
  -- Before the first write of anything else: a repeated update finds its row here and changes nothing.
  IF v_unstored THEN
    INSERT INTO inbox (platform, update_key, payload, claimed_until, handled_at)
    VALUES (p->>'platform', p->>'updateKey', '{}', now(), now()) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('conflict', true);
    END IF;
  END IF;
  IF v_press IS NOT NULL THEN
    UPDATE screens SET used_keys = array_append(used_keys, v_press->>'key')
    WHERE id = v_press->>'screenId' AND NOT (v_press->>'key' = ANY (used_keys));
    IF NOT FOUND THEN
      IF v_unstored THEN
        DELETE FROM inbox WHERE platform = p->>'platform' AND update_key = p->>'updateKey';
      END IF;
      RETURN jsonb_build_object('used', true);
    END IF;
  END IF;
  IF v_talk ? 'patch' THEN
    UPDATE conversations SET
      revision = revision + 1,
      flow = v_talk->'patch'->>'flow',
      version = coalesce((v_talk->'patch'->>'version')::int, 0),
      step = v_talk->'patch'->>'step',
      answers = coalesce(v_talk->'patch'->'answers', '{}'),
      view_id = v_talk->'patch'->>'viewId',
      expires_at = (v_talk->'patch'->>'expiresAt')::timestamptz,
      updated_at = now()
    WHERE id = v_talk->>'id';
  END IF;
  IF NOT v_unstored THEN
    -- Guarded once more: two may have passed the look above at the same moment, and the row lock lets the first one win. A row that a
    -- crash of the server took is made anew.
    INSERT INTO inbox (platform, update_key, payload, claimed_until, handled_at)
    VALUES (p->>'platform', p->>'updateKey', '{}', now(), now())
    ON CONFLICT (platform, update_key) DO UPDATE SET handled_at = now(), payload = '{}' WHERE inbox.handled_at IS NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'update % of % was handled at the same moment', p->>'updateKey', p->>'platform' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;
  v_ids := chat_post(p->'posts');
  RETURN jsonb_build_object('ids', v_ids);
END $$;

-- Stores an update together with its answer, in one round trip; see "unstored" above. The disk is not waited for: nothing but the chat is
-- written here (effects never come this way), so what a crash of the database server could take, never one of ours, is the last step
-- of a conversation within the blink of an eye. It is taken whole, and asked for again.
CREATE FUNCTION chat_turn(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN chat_commit(p);
END $$;

-- Adds screens and outbox rows; the outbox ids in order, null for a notice that was posted before.
CREATE FUNCTION chat_post(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  v_post jsonb;
  v_id   bigint;
  v_ids  jsonb := '[]';
BEGIN
  FOR v_post IN SELECT * FROM jsonb_array_elements(coalesce(p, '[]')) LOOP
    v_id := NULL;
    IF v_post ? 'dedupeKey' THEN
      INSERT INTO notice_keys (key) VALUES (v_post->>'dedupeKey') ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN
        v_ids := v_ids || 'null'::jsonb;
        CONTINUE;
      END IF;
    END IF;
    INSERT INTO screens (id, platform, chat_id, view_id, conversation_id, workspace_id, revision, user_id, buttons, expires_at, created_at)
    VALUES (v_post->>'screenId', v_post->>'platform', v_post->>'chatId', v_post->'view'->>'id', v_post->>'conversationId', v_post->>'workspaceId',
            (v_post->>'revision')::int, v_post->>'userId', v_post->'buttons', now() + make_interval(days => 30),
            -- Not now(): which of two drawings of a view is newer decides what a chat shows, also within a millisecond or a transaction.
            clock_timestamp());
    INSERT INTO outbox (platform, chat_id, view_id, view, language, screen_id, place, edit_ref, only_for, answers, dedupe_key, next_attempt_at)
    VALUES (v_post->>'platform', v_post->>'chatId', v_post->'view'->>'id', v_post->'view', v_post->>'language', v_post->>'screenId',
            v_post->>'place', v_post->>'editRef', v_post->>'onlyFor', v_post->>'answers', v_post->>'dedupeKey',
            now() + make_interval(secs => coalesce((v_post->>'holdSeconds')::int, 0)))
    RETURNING id INTO v_id;
    v_ids := v_ids || to_jsonb(v_id);
  END LOOP;
  RETURN v_ids;
END $$;

-- Clears delivered messages in one go: [{ id, screenId, refs }].
CREATE FUNCTION chat_delivered(p jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE screens s SET message_refs = d.refs
  FROM (SELECT e->>'screenId' AS screen_id, ARRAY(SELECT jsonb_array_elements_text(e->'refs')) AS refs FROM jsonb_array_elements(p) e) d
  WHERE s.id = d.screen_id;
  DELETE FROM outbox WHERE id IN (SELECT (e->>'id')::bigint FROM jsonb_array_elements(p) e);
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

-- One exclusive operation per instance at a time; questions and payments run beside it.
CREATE UNIQUE INDEX operations_one_exclusive ON operations (instance_id)
  WHERE instance_id IS NOT NULL AND finished_at IS NULL AND kind IN ('deploy', 'restart', 'switch-model', 'destroy');

-- What the sweeps look for every few seconds: only what is unfinished, however long the history.
CREATE INDEX operations_unfinished ON operations (created_at) WHERE finished_at IS NULL;
CREATE INDEX inbox_unhandled ON inbox (received_at) WHERE handled_at IS NULL;

-- A message lives here for an instant: compressing its view would cost more than the room.
ALTER TABLE outbox SET (toast_tuple_target = 8160);
