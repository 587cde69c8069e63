import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import { causeOf, type WorkDeps } from '../deps';
import { described, list, ok, ref, shape, text, told } from '../schemas';

/** `/api/v1/doctor`: what this machine has and lacks. */
export function doctorRoutes(app: FastifyInstance, { workspace, jobs }: WorkDeps): void {
  app.get(
    '/api/v1/doctor/topics',
    { schema: described('doctor', 'listDoctorTopics', 'What the doctor can look at.', { answer: ok({ topics: list(text) }) }) },
    () => ({ ok: true, topics: workspace.topics ?? [] }),
  );

  app.post<{ Body: { for?: string } | null }>(
    '/api/v1/doctor',
    {
      config: { guard: { scope: 'operate', action: 'doctor.run' } },
      schema: described('doctor', 'runDoctor', 'Looks at this machine: a job, whose result has the findings, each with its remedy.', {
        body: { ...shape({ 'for?': told(text, 'A topic; left out, all that graphs need.') }), type: ['object', 'null'] },
        answer: ok({ job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      const topic = request.body?.for;
      request.auditTarget = topic ?? 'all';
      const { doctor, topics = [] } = workspace;
      if (doctor === undefined || (topic !== undefined && !topics.includes(topic))) {
        throw new SluiceError('REQUEST_INVALID', `The doctor does not know ${JSON.stringify(topic ?? 'this machine')}.`, {
          hint: topics.length === 0 ? 'This server has none.' : `It knows ${topics.join(', ')}.`,
        });
      }
      void reply.code(202);
      const job = jobs.start({
        kind: 'doctor.run',
        target: topic ?? 'all',
        actor: request.actor.id,
        cause: causeOf(request),
        alone: true,
        work: async () => {
          const findings = await doctor(topic);
          return { ok: findings.every(({ state }) => state !== 'failed'), findings };
        },
      });
      return { ok: true, job };
    },
  );
}
