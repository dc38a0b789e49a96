const MB = 2 ** 20

/**
 * Memory that is ours to give, in MB: the machine's, or a container's limit if that is smaller. Node says 0 where there is no limit it
 * knows of, and a number beyond any machine where cgroups have none.
 */
export function memoryMbOf(machineBytes: number, limitBytes: number | undefined): number {
  return Math.floor((limitBytes ? Math.min(machineBytes, limitBytes) : machineBytes) / MB)
}
