/**
 * The locale to answer in, for `Localiser.nearest`: what the person chose, what an admin chose for this group, what the
 * platform says of the person's app.
 */
export const localeOf = (known: {
  readonly language: string | null
  readonly locale: string | null
  readonly workspace: { readonly language?: string | null }
}): string | null => known.language ?? known.workspace.language ?? known.locale
