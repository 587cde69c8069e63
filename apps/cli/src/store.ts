import { SluiceError } from '@sluice/sdk/catalogue';
import type { House, Store } from '@sluice/store';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lazy } from './lazy';

let opened: Promise<Store> | undefined;
let house: House | undefined;

/** What of the store is meant where nothing else is said: a file, or the URL of a PostgreSQL database. */
export function storeName(): string {
  return process.env['SLUICE_STORE'] ?? join('.sluice', 'store.db');
}

/** Where the bytes of that store are. */
export function blobFolder(): string {
  const name = storeName();
  return join(/^postgres(ql)?:/.test(name) ? '.sluice' : dirname(name), 'blobs');
}

/** Opens the store of this working folder, once; SLUICE_STORE names another. */
export function openedStore(): Promise<Store> {
  const { openStore } = lazy('@sluice/store');
  const name = storeName();
  return (opened ??= openStore(/^postgres(ql)?:/.test(name) ? { url: name, blobs: blobFolder() } : { path: name }));
}

/** The same for what runs: while it does, what is past its time ends, and artifacts past theirs go. */
export async function runningStore(): Promise<Store> {
  const store = await openedStore();
  house ??= new (lazy('@sluice/store').House)(store);
  return store;
}

/** The same where there is one already. */
export function presentStore(): Promise<Store | undefined> {
  const name = storeName();
  return /^postgres(ql)?:/.test(name) || existsSync(name) ? openedStore() : Promise.resolve(undefined);
}

/** The same for commands that look at what is there: a missing file is a fault, not a new store. @throws SluiceError STORE_MISSING */
export async function existingStore(): Promise<Store> {
  const store = await presentStore();
  if (store !== undefined) return store;
  throw new SluiceError('STORE_MISSING', `There is no store ${storeName()}.`, {
    hint: 'It is made by the first run that keeps something; SLUICE_STORE names one elsewhere.',
  });
}

/** Closes it where it was opened; what was given to it is committed first. */
export async function closeStore(): Promise<void> {
  const closing = opened;
  opened = undefined;
  const kept = house;
  house = undefined;
  await kept?.close();
  await closing?.then(
    (store) => store.close(),
    () => undefined,
  );
}
