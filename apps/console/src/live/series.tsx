import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { api, ask, useAsk } from '../api';
import { t, type Key } from '../strings';
import { FaultView, Loading } from '../ui/page';

interface SeriesProps {
  readonly run: string;
  /** A node or an edge. */
  readonly id: string;
  readonly metrics: readonly string[];
  readonly title: string;
}

interface Line {
  readonly metric: string;
  readonly values: readonly (number | null)[];
}

const STROKES = ['--accent', '--busy', '--bad', '--warn'];
const HEIGHT = 150;

/** The last hour of one node or edge, a point every five seconds. */
export function SeriesChart({ run, id, metrics, title }: SeriesProps) {
  const asked = useAsk(
    () => ask(api.GET('/api/v1/runs/{id}/series', { params: { path: { id: run }, query: { id, metric: metrics.join(',') } } })),
    [run, id, metrics],
    { every: 5_000 },
  );
  if (asked.fault !== undefined && asked.data === undefined) return <FaultView fault={asked.fault} retry={asked.reload} />;
  if (asked.data === undefined) return <Loading />;
  // An id may be that of a node and, in another kind, of an edge: the metrics tell them apart.
  const lines = metrics.flatMap((metric) => asked.data!.lines.filter((line) => line.id === id && line.metric === metric));
  const points = lines[0]?.values.length ?? 0;
  return (
    <figure className="series" aria-label={title}>
      <figcaption>
        {title}
        <ul>
          {lines.map(({ metric, values }, i) => (
            <li key={metric}>
              <i style={{ background: `var(${STROKES[i % STROKES.length]})` }} />
              {t(`metric.${metric}` as Key)} <b>{shown(values.at(-1))}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      {points < 2 ? <p className="soft small pad">{t('series.soon')}</p> : <Plot lines={lines} step={asked.data.step_ms} />}
    </figure>
  );
}

const shown = (value: number | null | undefined): string =>
  value == null ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 3 });

function Plot({ lines, step }: { readonly lines: readonly Line[]; readonly step: number }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const length = lines[0]!.values.length;
  const now = Math.floor(Date.now() / 1000);
  const data = [
    Array.from({ length }, (_, i) => now - ((length - 1 - i) * step) / 1000),
    ...lines.map(({ values }) => [...values]),
  ] as uPlot.AlignedData;
  const newest = useRef(data);
  newest.current = data;
  const kinds = lines.map(({ metric }) => metric).join();
  useEffect(() => {
    const element = box.current!;
    // A canvas knows no variables, and no colours that depend on the theme.
    const color = (name: string): string => {
      element.style.color = `var(${name})`;
      return getComputedStyle(element).color;
    };
    const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { points: { size: 6 }, y: false },
        scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          { ...axis, size: 24, space: 70, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString('en-GB')) },
          { ...axis, size: 46, values: (_, ticks) => ticks.map((tick) => shown(tick)) },
        ],
        series: [
          {},
          ...kinds
            .split(',')
            .map((_, i) => ({ stroke: color(STROKES[i % STROKES.length]!), width: 1.5, spanGaps: false, points: { show: false } })),
        ],
      },
      newest.current,
      element,
    );
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [kinds]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={box} className="plot" />;
}
