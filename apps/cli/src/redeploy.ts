import { SluiceError } from '@sluice/sdk/catalogue';
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { planFile, shown } from './graph-file';
import { ask, ended, type AskedServer, type Job } from './servers';
import type { Terminal } from './terminal';

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

interface Deployed {
  readonly run: string;
  readonly mode: 'started' | 'unchanged' | 'swapped' | 'replaced';
  readonly kept: readonly string[];
  readonly replaced: readonly string[];
}

/**
 * Deploys a graph each time its file changes, by the route that the page takes: what is wrong with it is shown and runs nowhere, and what did
 * not change goes on.
 * @returns what ends it
 */
export function redeploying(terminal: Terminal, path: string, params: Readonly<Record<string, unknown>>, server: AskedServer): () => void {
  const [folder, file] = [dirname(path), basename(path)];
  let settling: NodeJS.Timeout | undefined;
  let done: Promise<void> = Promise.resolve();
  const watcher = watch(folder, (_, name) => {
    if (name !== file) return;
    clearTimeout(settling);
    settling = setTimeout(
      () => (done = done.then(() => deploy().catch((error: unknown) => terminal.warn(SluiceError.from(error, 'DEPLOY_FAILED'))))),
      SETTLE_MS,
    );
  });
  return () => {
    clearTimeout(settling);
    watcher.close();
  };

  async function deploy(): Promise<void> {
    const { plan } = planFile(path, params, terminal);
    const at = `/api/v1/graphs/${encodeURIComponent(file.replace(/\.ya?ml$/, ''))}/deploy`;
    const { job } = await ask<{ job: Job<Deployed> }>(server, at, 'POST', { plan_hash: plan.hash });
    const { mode, run, kept, replaced } = (await ended(server, job)).result!;
    if (mode === 'unchanged') return;
    const goes = kept.length === 0 ? '' : `; ${kept.join(', ')} ${kept.length === 1 ? 'goes' : 'go'} on`;
    terminal.note(`${shown(path)} changed: ${run} runs with ${replaced.join(', ') || 'other edges'} anew${goes}.`);
  }
}
