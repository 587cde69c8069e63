import type { AuditLog } from './access/audit-log';
import type { Runs } from './runs';

/** How the process is; the reasons say why it is not ok, a sentence each. */
export interface HealthState {
  readonly status: 'starting' | 'ok' | 'degraded' | 'error' | 'draining';
  readonly reasons: readonly string[];
}

/** Tells the truth about the runs that go and about the server itself. */
export class Health {
  constructor(
    private readonly runs: Runs,
    private readonly audit: AuditLog | undefined,
  ) {}

  state(): HealthState {
    const reasons: string[] = [];
    let broken = false;
    const newest = new Map<string, string>();
    for (const run of this.runs.list()) newest.set(run.plan.name, run.id);
    for (const run of this.runs.list()) {
      const figures = run.figures();
      // A run that was replaced by a newer one of its graph says nothing about now.
      if (figures.state === 'done' && newest.get(run.plan.name) !== run.id) continue;
      if (figures.status === 'error') broken = true;
      for (const reason of figures.reasons) reasons.push(`${run.id}: ${reason}`);
      if (figures.state === 'done') continue;
      for (const node of figures.nodes) {
        if (node.state === 'stuck') reasons.push(`${run.id}: ${node.id} is stuck.`);
        if (node.state === 'failing') reasons.push(`${run.id}: ${node.id} fails more often than not.`);
        if (node.circuit !== undefined && node.circuit !== 'closed')
          reasons.push(`${run.id}: the circuit of ${node.id} is ${node.circuit}.`);
      }
    }
    const fault = this.audit?.fault;
    if (fault !== undefined) reasons.push(fault);
    const { phase } = this.runs;
    const status = phase !== 'ready' ? phase : broken ? 'error' : reasons.length > 0 ? 'degraded' : 'ok';
    return { status, reasons: [...new Set(reasons)] };
  }
}
