import { useMemo } from 'react';
import { useStore } from '../store';
import { t } from '../strings';
import { Facts } from '../ui/facts';
import { EventList, runOf } from './events-list';
import { events, type Run } from './live';
import { count, lost, span } from './look';
import { Preview } from './preview';

/** What is open while nothing is selected: the picture, the books, what happened. */
export function RunPanel({ run, description }: { readonly run: Run; readonly description: string | undefined }) {
  const all = useStore(events);
  const said = useMemo(() => all.filter((event) => runOf(event) === run.id).reverse(), [all, run.id]);
  const { delivery } = run;
  return (
    <aside className="panel" aria-label={t('live.about_run')}>
      <div className="panel-body" tabIndex={0} role="region" aria-label={t('live.about_run')}>
        {description !== undefined && <p>{description}</p>}
        {run.reasons.length > 0 && (
          <ul className={`notice ${run.status === 'error' ? 'bad' : 'warn'}`}>
            {run.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <Preview run={run.id} />
        <Facts
          facts={[
            [t('figure.packets'), count(run.nodes.reduce((sum, node) => sum + (node.kind === 'source' ? node.produced : 0), 0))],
            [t('figure.errors'), count(run.nodes.reduce((sum, { errors }) => sum + errors, 0))],
            [t('figure.dropped'), count(run.edges.reduce((sum, edge) => sum + lost(edge), 0))],
            [t('figure.up'), span(run.duration_ms)],
            [t('figure.acked'), count(delivery.acked)],
            [t('figure.nacked'), count(delivery.nacked)],
            [t('figure.cancelled'), count(delivery.cancelled)],
            [t('figure.plan'), <code title={run.plan_hash}>{run.plan_hash.slice(0, 12)}</code>],
          ]}
        />
        <h3>{t('panel.events')}</h3>
        <EventList events={said} none={t('panel.no_events')} />
      </div>
    </aside>
  );
}
