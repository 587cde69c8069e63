import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, finished, may, session, useAsk } from '../api';
import { bytes, percent } from '../live/look';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill, type Tone } from '../ui/page';

const TONES: Readonly<Record<Api['Asset']['state'], Tone>> = { missing: 'warn', staged: 'ok', shipped: 'ok', damaged: 'bad' };

/** `#/assets`: models and media that are staged. */
export function AssetsPage() {
  const asked = useAsk(() => ask(api.GET('/api/v1/assets')), []);
  const allowed = may(useStore(session)?.scope, 'operate');
  const [job, setJob] = useState<Api['Job']>();
  const follow = (start: () => Promise<{ job: Api['Job'] }>, done: string): void =>
    void attempt(async () => finished((await start()).job, setJob), done).finally(() => {
      setJob(undefined);
      asked.reload();
    });
  const stage = (names?: string[]): void =>
    follow(() => ask(api.POST('/api/v1/assets/stage', { body: names === undefined ? {} : { names } })), t('assets.staged'));
  const can = { disabled: !allowed || job !== undefined, title: allowed ? undefined : t('app.read_only.hint') };
  return (
    <>
      <PageHead title={t('nav.assets')} note={t('assets.note')}>
        <button {...can} onClick={() => follow(() => ask(api.POST('/api/v1/assets/verify')), t('assets.verified'))}>
          <Icon name="check" />
          {t('assets.verify')}
        </button>
        <button {...can} className="primary" onClick={() => stage()}>
          <Icon name="download" />
          {t('assets.stage_all')}
        </button>
      </PageHead>
      {job !== undefined && (
        <p className="notice job" role="status">
          {job.message} {job.progress !== null && percent(job.progress)}
          <progress aria-label={job.kind} {...(job.progress === null ? {} : { value: job.progress })} max={1} />
        </p>
      )}
      <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="assets" />}>
        {({ assets }) => (
          <DataTable
            label={t('nav.assets')}
            rows={assets}
            rowKey={({ name }) => name}
            sort={{ key: 'name', down: false }}
            columns={[
              { key: 'name', title: t('column.name'), value: ({ name }) => name },
              { key: 'category', title: t('column.category'), value: ({ category }) => category, wide: true },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ state }) => state,
                cell: ({ state }) => <Pill tone={TONES[state]}>{t(`asset.${state}`)}</Pill>,
              },
              { key: 'size', title: t('column.size'), value: ({ size }) => size, cell: ({ size }) => bytes(size), numeric: true },
              { key: 'licence', title: t('column.licence'), value: ({ licence }) => licence, wide: true },
              {
                key: 'origin',
                title: t('column.origin'),
                value: ({ origin }) => origin,
                cell: ({ origin }) => <span className="wraps mono small">{origin}</span>,
                wide: true,
              },
              {
                key: 'do',
                title: '',
                sortable: false,
                value: () => '',
                cell: ({ name, state }) =>
                  state === 'shipped' || state === 'staged' ? (
                    ''
                  ) : (
                    <button {...can} onClick={() => stage([name])} aria-label={t('assets.stage_one', { name })}>
                      {t('assets.stage')}
                    </button>
                  ),
              },
            ]}
            empty={
              <Empty title={t('assets.none')} icon="assets">
                {t('assets.none_hint')}
              </Empty>
            }
          />
        )}
      </Listing>
    </>
  );
}
