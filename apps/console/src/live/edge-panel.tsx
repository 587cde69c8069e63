import { useState } from 'react';
import { useSelected } from '../store';
import { t } from '../strings';
import { Facts } from '../ui/facts';
import { Pill } from '../ui/page';
import { Tabs } from '../ui/tabs';
import { nodeOf } from './layout';
import { live, type Edge, type Run } from './live';
import { count, fillOf, lost, moodOf, percent, rate, span } from './look';
import { PanelHead, type PanelProps } from './panel';
import { SeriesChart } from './series';
import { TapView } from './tap-view';

const EDGE_LINES = ['in_per_s', 'out_per_s', 'dropped_per_s'];
const FILL_LINES = ['fill'];

export function EdgePanel({ run, id, onClose, onSelect }: PanelProps) {
  const edge = useSelected(live, ({ runs }) => runs.get(run.id)?.edges.get(id));
  const blocked = useSelected(live, ({ runs }) => runs.get(run.id)?.blocked.get(id) ?? 0);
  const [tab, setTab] = useState<'figures' | 'tap'>('tap');
  if (edge === undefined) return null;
  const mood = moodOf(edge, blocked);
  return (
    <aside className="panel" aria-label={t('live.edge_label', { from: edge.from, to: edge.to })}>
      <PanelHead
        kind={t('panel.edge_kind', { policy: edge.when_full.replaceAll('_', ' '), lane: edge.lane })}
        name={`${edge.from} → ${edge.to}`}
        pill={
          <Pill tone={mood === 'dropping' ? 'bad' : mood === 'blocked' || mood === 'full' ? 'warn' : mood === 'flowing' ? 'ok' : 'quiet'}>
            {t(`edge.mood.${mood}`)}
          </Pill>
        }
        onClose={onClose}
      />
      <Tabs
        label={id}
        tabs={[
          { id: 'tap', title: t('panel.tap') },
          { id: 'figures', title: t('panel.figures') },
        ]}
        chosen={tab}
        onChoose={setTab}
      />
      <div className="panel-body" role="tabpanel" tabIndex={0} aria-label={t(`panel.${tab}`)}>
        {tab === 'figures' ? <EdgeFigures run={run} edge={edge} onSelect={onSelect} /> : <TapView key={id} run={run} edge={edge} />}
      </div>
    </aside>
  );
}

function EdgeFigures({ run, edge, onSelect }: { run: Run; edge: Edge; onSelect: PanelProps['onSelect'] }) {
  return (
    <>
      <Facts
        facts={[
          [t('figure.in'), `${count(edge.in)} · ${rate(edge.in_per_s)}`],
          [t('figure.out'), `${count(edge.out)} · ${rate(edge.out_per_s)}`],
          [t('figure.waiting'), `${count(edge.in_flight)} / ${count(edge.capacity)} · ${percent(fillOf(edge))}`],
          [t('figure.peak'), count(edge.peak)],
          [
            t('figure.dropped'),
            lost(edge) === 0
              ? '0'
              : Object.entries(edge.dropped)
                  .map(([why, n]) => `${count(n)} ${why}`)
                  .join(', '),
          ],
          [t('figure.blocked'), edge.blocked_ms < 1000 ? `${Math.round(edge.blocked_ms)} ms` : span(edge.blocked_ms)],
        ]}
      />
      <SeriesChart run={run.id} id={edge.id} metrics={EDGE_LINES} title={t('series.rate')} />
      <SeriesChart run={run.id} id={edge.id} metrics={FILL_LINES} title={t('series.fill')} />
      <h3>{t('panel.nodes')}</h3>
      <ul className="links">
        {[nodeOf(edge.from), nodeOf(edge.to)].map((id, i) => (
          <li key={i}>
            <button className="link mono" onClick={() => onSelect('node', id)}>
              {id}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
