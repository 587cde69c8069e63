import { useMemo } from 'react';
import { api, ask, useAsk } from '../api';
import { events, live, type Run } from '../live/live';
import { count, lost, rate, span, toneOfRun } from '../live/look';
import { EventList } from '../live/events-list';
import { Facts } from '../ui/facts';
import { Preview } from '../live/preview';
import { go } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill, toneOfHealth } from '../ui/page';

const RELOADED = { every: 5_000 };

const total = (run: Run, of: (run: Run) => readonly number[]): number => of(run).reduce((sum, value) => sum + value, 0);
const flow = (run: Run): number => total(run, ({ nodes }) => nodes.map((node) => (node.kind === 'source' ? node.produced_per_s : 0)));
const errorsOf = (run: Run): number => total(run, ({ nodes }) => nodes.map(({ errors }) => errors));
const drops = (run: Run): number => total(run, ({ edges }) => edges.map(lost));

/** `#/dashboard`: how all of it is. */
export function DashboardPage() {
  const { runs } = useStore(live);
  const said = useStore(events);
  const newest = useMemo(() => said.slice(-40).reverse(), [said]);
  const health = useAsk(() => ask(api.GET('/api/v1/health')), [], RELOADED);
  const jobs = useAsk(() => ask(api.GET('/api/v1/jobs', { params: { query: { limit: 5 } } })), [], RELOADED);
  const rows = [...runs.values()].map(({ run }) => run).reverse();
  const going = rows.find(({ state }) => state !== 'done');
  return (
    <>
      <PageHead title={t('nav.dashboard')} />
      <div className="tiles">
        <section className="card tile" aria-label={t('dashboard.health')}>
          <h2>{t('dashboard.health')}</h2>
          <Listing asked={health}>
            {({ status, reasons, uptime_s, security }) => (
              <>
                <p>
                  <Pill tone={toneOfHealth(status)}>{t(`health.${status}`)}</Pill>
                </p>
                {reasons.length > 0 && (
                  <ul className="notice">
                    {reasons.map((reason) => (
                      <li key={reason}>{reason}</li>
                    ))}
                  </ul>
                )}
                <Facts
                  facts={[
                    [t('figure.up'), span(uptime_s * 1000)],
                    [t('dashboard.security'), t(`security.${security.mode as 'local' | 'token'}`)],
                    [t('dashboard.you'), security.actor],
                    [t('dashboard.scope'), security.scope ?? t('table.none_short')],
                  ]}
                />
              </>
            )}
          </Listing>
        </section>
        <section className="card tile" aria-label={t('dashboard.sum')}>
          <h2>{t('dashboard.sum')}</h2>
          <Facts
            facts={[
              [t('dashboard.going'), count(rows.filter(({ state }) => state !== 'done').length)],
              [t('column.rate'), rate(rows.reduce((sum, run) => sum + flow(run), 0))],
              [t('figure.errors'), count(rows.reduce((sum, run) => sum + errorsOf(run), 0))],
              [t('figure.dropped'), count(rows.reduce((sum, run) => sum + drops(run), 0))],
              [t('figure.acked'), count(rows.reduce((sum, { delivery }) => sum + delivery.acked, 0))],
              [t('figure.nacked'), count(rows.reduce((sum, { delivery }) => sum + delivery.nacked, 0))],
            ]}
          />
          <h3>{t('dashboard.jobs')}</h3>
          <Listing asked={jobs}>
            {(data) =>
              data.jobs.length === 0 ? (
                <p className="soft">{t('dashboard.no_jobs')}</p>
              ) : (
                <ul className="links">
                  {data.jobs.map((job) => (
                    <li key={job.id}>
                      <code>{job.kind}</code> {job.target}{' '}
                      <Pill tone={job.state === 'failed' ? 'bad' : job.state === 'running' ? 'busy' : 'quiet'}>
                        {t(`job.${job.state}`)}
                      </Pill>
                    </li>
                  ))}
                </ul>
              )
            }
          </Listing>
        </section>
        {going !== undefined && (
          <section className="card tile preview-tile" aria-label={t('dashboard.preview')}>
            <Preview key={going.id} run={going.id} />
          </section>
        )}
      </div>
      <h2 className="section">{t('nav.runs')}</h2>
      <DataTable
        label={t('nav.runs')}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => go(['live', id])}
        pageSize={8}
        plain
        columns={[
          { key: 'id', title: t('column.run'), value: ({ id }) => id },
          {
            key: 'state',
            title: t('column.state'),
            value: ({ state }) => state,
            cell: (run) => (
              <Pill tone={toneOfRun(run)}>
                {t(`run.state.${run.state}`)}
                {run.status !== 'ok' && `, ${t(`run.status.${run.status}`)}`}
              </Pill>
            ),
          },
          { key: 'rate', title: t('column.rate'), value: flow, cell: (run) => rate(flow(run)), numeric: true },
          { key: 'errors', title: t('figure.errors'), value: errorsOf, cell: (run) => count(errorsOf(run)), numeric: true },
          { key: 'dropped', title: t('figure.dropped'), value: drops, cell: (run) => count(drops(run)), numeric: true },
          {
            key: 'up',
            title: t('figure.up'),
            value: ({ duration_ms }) => duration_ms,
            cell: ({ duration_ms }) => span(duration_ms),
            numeric: true,
            wide: true,
          },
        ]}
        empty={
          <Empty title={t('live.no_runs')} icon="runs">
            {t('live.no_runs_hint')}
          </Empty>
        }
      />
      <h2 className="section">{t('panel.events')}</h2>
      <div className="card pad">
        <EventList events={newest} none={t('panel.no_events')} />
      </div>
    </>
  );
}
