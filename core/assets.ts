import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Files that are read at run time (migrations, texts, fonts, the web page) stay where they are in the package, and are found
 * from there whether this runs from sources (tests) or from dist/ (the bundle).
 */
let packageRoot: string | null = null

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  // biome.json and the like differ per checkout; the migrations are what every run needs.
  while (!existsSync(join(folder, 'prisma', 'migrations')) || !existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) {
      throw new Error(
        'ClawCloud cannot find its own files: no folder with package.json and prisma/migrations above the program. Run it from a complete checkout, with dist/ inside it.',
      )
    }
    folder = parent
  }
  return folder
}

/** Absolute path of a file or folder of the package, given relative to its root with forward slashes. */
export function assetPath(relative: string): string {
  packageRoot ??= findPackageRoot()
  return join(packageRoot, ...relative.split('/'))
}
