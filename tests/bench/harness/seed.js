/**
 * `count` people with a private chat and one running instance each, ids as the service makes them. The first ones are the
 * people of the platform's stand-in, whose ids `userSql` and `chatSql` make from `n`.
 */
export async function seedInstances(postgres, database, { count, platform, userSql, chatSql }) {
  const person = `'psn_bench' || n`
  const each = `FROM generate_series(0, ${count - 1}) AS n`
  await postgres.query(database, `INSERT INTO people (id) SELECT ${person} ${each}`)
  await postgres.query(
    database,
    `INSERT INTO identities (platform, external_id, person_id, display_name, username, locale, private_chat_id)
     SELECT '${platform}', ${userSql}, ${person}, 'Chat ' || n, 'chat_' || n, 'en', ${chatSql} ${each}`,
  )
  await postgres.query(
    database,
    `INSERT INTO workspaces (id, kind, owner_person_id) SELECT 'wsp_' || ${person}, 'personal', ${person} ${each}`,
  )
  await postgres.query(
    database,
    `INSERT INTO instances (id, workspace_id, owner_person_id, name, plan_id, state, model, platform, chat_id, user_id, language,
       host_provider, allowance_micros, usage_micros, cycle_started_at, cycle_ends_at, ready_at)
     SELECT 'ins_bench' || n, 'wsp_' || ${person}, ${person}, 'atlas', 'lite', 'running', 'anthropic/claude-sonnet-4.6', '${platform}',
       ${chatSql}, ${userSql}, 'en', 'bench', 8000000, 1234567, now() - interval '9 days', now() + interval '21 days', now() - interval '9 days' ${each}`,
  )
  for (const table of ['people', 'identities', 'workspaces', 'instances']) await postgres.query(database, `ANALYZE ${table}`)
}
