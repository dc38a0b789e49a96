import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../core/metrics.ts'

describe('the metrics', () => {
  it('count by label', async () => {
    const metrics = createMetrics()
    metrics.webhook('stored')
    metrics.webhook('stored')
    metrics.providerCall('openrouter', 429)
    const text = await metrics.render()
    expect(text).toContain('# TYPE clawcloud_webhooks_total counter\nclawcloud_webhooks_total{outcome="stored"} 2\n')
    expect(text).toContain('clawcloud_provider_calls_total{vendor="openrouter",status="429"} 1\n')
  })

  it('sort times into buckets that add up', async () => {
    const metrics = createMetrics()
    for (const seconds of [0.001, 0.004, 99]) metrics.update('web', 'answered', seconds)
    const text = await metrics.render()
    expect(text).toContain('clawcloud_update_seconds_bucket{platform="web",le="0.002"} 1\n')
    expect(text).toContain('clawcloud_update_seconds_bucket{platform="web",le="0.005"} 2\n')
    expect(text).toContain('clawcloud_update_seconds_bucket{platform="web",le="10"} 2\n')
    expect(text).toContain('clawcloud_update_seconds_bucket{platform="web",le="+Inf"} 3\n')
    expect(text).toContain('clawcloud_update_seconds_sum{platform="web"} 99.005\n')
    expect(text).toContain('clawcloud_update_seconds_count{platform="web"} 3\n')
  })

  it('do not time what was not handled', async () => {
    const metrics = createMetrics()
    metrics.update('web', 'duplicate', 0)
    expect(await metrics.render()).not.toContain('clawcloud_update_seconds_count')
  })

  it('read gauges when asked, and leave out one that can not be read', async () => {
    const metrics = createMetrics()
    metrics.gauge('clawcloud_outbox_rows', 'Messages not delivered yet', async () => 3)
    metrics.gauge('clawcloud_gateways_up', 'Gateways that answer', () => Promise.reject(new Error('away')))
    const text = await metrics.render()
    expect(text).toContain('# TYPE clawcloud_outbox_rows gauge\nclawcloud_outbox_rows 3\n')
    expect(text).not.toContain('clawcloud_gateways_up')
  })

  it('keep strange labels on their line', async () => {
    const metrics = createMetrics()
    metrics.operation('a "b"\n\\c', 'failed')
    expect(await metrics.render()).toContain('{kind="a \\"b\\"\\n\\\\c",outcome="failed"} 1\n')
  })
})
