import { SluiceError } from '@sluice/sdk/catalogue';
import type { House, Store } from '@sluice/store';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lazy } from './lazy';

/** Folder of what is kept where no other is named. */
export const DEFAULT_STATE = '.sluice';

let opened: Promise<Store> | undefined;
let house: House | undefined;
let chosen: StoreChoice = {};

/** Where the store is, as the options of a command say. */
interface StoreChoice {
  /** Folder of all that is kept. */
  readonly state?: string | undefined;
  /** A file, or the URL of a PostgreSQL database. */
  readonly store?: string | undefined;
}

/** Set from the command line before a command begins; later says more. */
export function chooseStore(choice: StoreChoice): void {
  chosen = { ...chosen, ...choice };
}

const stateFolder = (): string => chosen.state ?? DEFAULT_STATE;

/** What of the store is meant: a file, or the URL of a PostgreSQL database. */
export function storeName(): string {
  return chosen.store ?? process.env['SLUICE_STORE'] ?? join(stateFolder(), 'store.db');
}

/** Where the bytes of that store are. */
export function blobFolder(): string {
  const name = storeName();
  return join(/^postgres(ql)?:/.test(name) ? stateFolder() : dirname(name), 'blobs');
}

/** Opens that store, once. */
export function openedStore(): Promise<Store> {
  return (opened ??= open());
}

async function open(): Promise<Store> {
  const { openStore } = lazy('@sluice/store');
  const name = storeName();
  if (/^postgres(ql)?:/.test(name)) return openStore({ url: name, blobs: blobFolder() });
  // What packets hold is for their owner; a folder that is there stays as it is.
  mkdirSync(dirname(name), { recursive: true, mode: 0o700 });
  return openStore({ path: name });
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
    hint: 'It is made by the first run that keeps something; --store or SLUICE_STORE names one elsewhere.',
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
