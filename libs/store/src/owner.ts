import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** When a process began, in the kernel's ticks: a number that was given again is another process. Empty where nobody can tell. */
function born(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** This process, as others may find out whether it still lives. */
export const OWNER = JSON.stringify([hostname(), process.pid, born(process.pid)]);

/** Whether the owner is surely gone: a process of this machine that runs no more. Of other machines nobody knows. */
export function surelyGone(owner: string): boolean {
  const [host, pid, since] = JSON.parse(owner) as [string, number, string];
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  return since !== '' && born(pid) !== since;
}
