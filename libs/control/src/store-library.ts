/** What reads a store, loaded by whoever asks for what one keeps: most servers keep nothing, and start without a database. */
export function storeLibrary(): typeof import('@sluice/store') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import() would wait in routes that answer at once
  return require('@sluice/store') as typeof import('@sluice/store');
}
