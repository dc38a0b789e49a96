import { expect, it } from 'vitest'
import { z } from 'zod'
import { type WorkerSchedules, workerTimers } from '../../jobs/schedules.ts'

it('what a worker looks after regularly is looked after once each', () => {
  const schedules = z.custom<WorkerSchedules>(() => true).parse({ billing: { services: {} } })
  const names = workerTimers(schedules).map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})
