import { askBare, useAsk } from '../api';
import { t, type Key } from '../strings';
import { DataTable } from '../ui/data-table';
import type { IconName } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill, type Tone } from '../ui/page';
import { When } from '../ui/when';

/** An effect that needs a decision, as `GET /api/v1/actions` tells of it. */
interface Action {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly summary?: string;
  readonly actor?: string;
  readonly created_at?: string;
}

/** A process of the fleet, as `GET /api/v1/fleet` tells of it. */
interface Process {
  readonly id: string;
  readonly graph?: string;
  readonly state: string;
  readonly pid?: number;
  readonly restarts?: number;
  readonly started_at?: string;
}

interface ReadyProps {
  readonly title: Key;
  readonly icon: IconName;
  readonly absent: Key;
  readonly hint: Key;
}

const Absent = ({ icon, absent, hint }: Omit<ReadyProps, 'title'>) => (
  <Empty title={t(absent)} icon={icon}>
    {t(hint)}
  </Empty>
);

const toneOf = (state: string): Tone => (/fail|dead|reject|error/.test(state) ? 'bad' : /run|done|ok|approved/.test(state) ? 'ok' : 'busy');

/** `#/actions`: effects that wait for a person. */
export function ActionsPage() {
  const asked = useAsk(() => askBare<{ actions: readonly Action[] }>('GET', '/api/v1/actions'), []);
  const none = <Absent icon="actions" absent="actions.none" hint="actions.hint" />;
  return (
    <>
      <PageHead title={t('nav.actions')} note={t('actions.note')} />
      <Listing asked={asked} absent={<Absent icon="actions" absent="actions.absent" hint="actions.hint" />}>
        {({ actions }) => (
          <DataTable
            label={t('nav.actions')}
            rows={actions}
            rowKey={({ id }) => id}
            columns={[
              { key: 'id', title: t('column.name'), value: ({ id }) => id },
              { key: 'kind', title: t('column.type'), value: ({ kind }) => kind },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ state }) => state,
                cell: ({ state }) => <Pill tone={toneOf(state)}>{state}</Pill>,
              },
              { key: 'summary', title: t('column.description'), value: ({ summary }) => summary, wide: true },
              {
                key: 'created',
                title: t('column.at'),
                value: (row) => row.created_at,
                cell: (row) => (row.created_at === undefined ? '–' : <When at={row.created_at} />),
                wide: true,
              },
            ]}
            empty={none}
          />
        )}
      </Listing>
    </>
  );
}

/** `#/fleet`: graphs in processes of their own. */
export function FleetPage() {
  const asked = useAsk(() => askBare<{ processes: readonly Process[] }>('GET', '/api/v1/fleet'), []);
  const none = <Absent icon="fleet" absent="fleet.none" hint="fleet.hint" />;
  return (
    <>
      <PageHead title={t('nav.fleet')} note={t('fleet.note')} />
      <Listing asked={asked} absent={<Absent icon="fleet" absent="fleet.absent" hint="fleet.hint" />}>
        {({ processes }) => (
          <DataTable
            label={t('nav.fleet')}
            rows={processes}
            rowKey={({ id }) => id}
            columns={[
              { key: 'id', title: t('column.name'), value: ({ id }) => id },
              { key: 'graph', title: t('column.graph'), value: ({ graph }) => graph },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ state }) => state,
                cell: ({ state }) => <Pill tone={toneOf(state)}>{state}</Pill>,
              },
              { key: 'pid', title: 'pid', value: ({ pid }) => pid, numeric: true, wide: true },
              { key: 'restarts', title: t('fleet.restarts'), value: ({ restarts }) => restarts, numeric: true, wide: true },
            ]}
            empty={none}
          />
        )}
      </Listing>
    </>
  );
}
