import type { Config } from '../config.ts'

/** Every secret of the configuration as it may turn up in an error or a log: for the redactor, which knows most of them by no shape. */
export function secretsOf(config: Config): readonly string[] {
  const keys = config.keyRing.split(',').map((entry) => entry.trim().replace(/^\d+:/, ''))
  const named = [
    config.http.metricsToken,
    config.telegram?.token,
    config.telegram?.webhookSecret,
    config.discord?.token,
    config.feishu?.appSecret,
    config.feishu?.webhook?.encryptKey,
    config.feishu?.webhook?.verificationToken,
    config.stripe?.secretKey,
    config.stripe?.webhookSecret,
    config.openrouter?.managementKey,
  ]
  return [...keys, ...named, ...passwordsIn(config.databaseUrl), ...passwordsIn(config.redisUrl)].filter(
    (secret) => typeof secret === 'string',
  )
}

/** As it stands in the address, and as the server is told it. */
function passwordsIn(address: string | null): readonly string[] {
  if (address === null) return []
  const { password, searchParams } = new URL(address)
  return [password, unescaped(password), searchParams.get('password') ?? '']
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that stands for itself
  }
}
