import { api, ask, useAsk } from '../api';
import { live } from '../live/live';
import { span } from '../live/look';
import { hashOf } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Listing } from '../ui/listing';
import { PageHead, Pill, toneOfHealth } from '../ui/page';
import { reasonsColumn } from '../ui/reasons';
import { When } from '../ui/when';

/** `#/fleet`: the processes. A server knows of itself; a process graph adds those that it names. */
export function FleetPage() {
  const asked = useAsk(() => ask(api.GET('/api/v1/health')), [], { every: 5_000 });
  const { runs } = useStore(live);
  const going = [...runs.values()].filter(({ run }) => run.state !== 'done').map(({ run }) => run.id);
  return (
    <>
      <PageHead title={t('nav.fleet')} note={t('fleet.note')} />
      <Listing asked={asked}>
        {(health) => (
          <DataTable
            label={t('nav.fleet')}
            rows={[{ ...health, name: location.host }]}
            rowKey={({ name }) => name}
            plain
            columns={[
              { key: 'name', title: t('fleet.process'), value: ({ name }) => name, cell: ({ name }) => t('fleet.here', { host: name }) },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ status }) => status,
                cell: ({ status }) => <Pill tone={toneOfHealth(status)}>{t(`health.${status}`)}</Pill>,
              },
              {
                key: 'runs',
                title: t('nav.runs'),
                value: () => going.join(' '),
                cell: () => (
                  <ul className="links">
                    {going.map((id) => (
                      <li key={id}>
                        <a href={hashOf(['live', id])}>{id}</a>
                      </li>
                    ))}
                  </ul>
                ),
              },
              {
                key: 'started',
                title: t('column.started'),
                value: (row) => row.started_at,
                cell: (row) => <When at={row.started_at} />,
                wide: true,
              },
              {
                key: 'up',
                title: t('figure.up'),
                value: ({ uptime_s }) => uptime_s,
                cell: ({ uptime_s }) => span(uptime_s * 1000),
                numeric: true,
                wide: true,
              },
              reasonsColumn(),
            ]}
            empty={null}
          />
        )}
      </Listing>
      <p className="soft">{t('fleet.hint')}</p>
    </>
  );
}
