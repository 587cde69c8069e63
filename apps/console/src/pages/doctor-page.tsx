import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, finished, may, session, useAsk } from '../api';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';

type Finding = Api['Finding'];
const TONES = { ok: 'ok', warning: 'warn', failed: 'bad' } as const;

/** `#/doctor`: what this machine has and lacks. */
export function DoctorPage() {
  const topics = useAsk(() => ask(api.GET('/api/v1/doctor/topics')), []);
  const allowed = may(useStore(session)?.scope, 'operate');
  const [topic, setTopic] = useState('');
  const [busy, setBusy] = useState(false);
  const [findings, setFindings] = useState<readonly Finding[]>();
  const look = (): void => {
    setBusy(true);
    void attempt(async () => {
      const { job } = await ask(api.POST('/api/v1/doctor', { body: topic === '' ? {} : { for: topic } }));
      const { result } = await finished(job);
      setFindings((result as { findings: Finding[] }).findings);
    }).finally(() => setBusy(false));
  };
  return (
    <>
      <PageHead title={t('nav.doctor')} note={t('doctor.note')}>
        <select aria-label={t('doctor.topic')} value={topic} onChange={(event) => setTopic(event.target.value)}>
          <option value="">{t('doctor.all')}</option>
          {topics.data?.topics.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
        <button className="primary" disabled={busy || !allowed} title={allowed ? undefined : t('app.read_only.hint')} onClick={look}>
          <Icon name="doctor" />
          {busy ? t('doctor.looking') : t('doctor.look')}
        </button>
      </PageHead>
      <Listing asked={topics} absent={<Empty title={t('absent.graphs')} icon="doctor" />}>
        {() =>
          findings === undefined ? (
            <Empty title={busy ? t('doctor.looking') : t('doctor.not_yet')} icon="doctor">
              {t('doctor.not_yet_hint')}
            </Empty>
          ) : (
            <DataTable
              label={t('nav.doctor')}
              rows={findings}
              rowKey={({ check }) => check}
              columns={[
                { key: 'check', title: t('column.check'), value: ({ check }) => check },
                {
                  key: 'state',
                  title: t('column.state'),
                  value: ({ state }) => state,
                  cell: ({ state }) => <Pill tone={TONES[state]}>{t(`finding.${state}`)}</Pill>,
                },
                {
                  key: 'message',
                  title: t('column.found'),
                  value: ({ message }) => message,
                  cell: ({ message }) => <span className="wraps">{message}</span>,
                },
                {
                  key: 'fix',
                  title: t('column.fix'),
                  value: ({ fix }) => fix,
                  cell: ({ fix }) =>
                    fix === undefined ? (
                      ''
                    ) : (
                      <span className="fix">
                        <code className="wraps">{fix}</code>
                        <button
                          className="icon-button"
                          aria-label={`${t('copy.copy')}: ${fix}`}
                          onClick={() => void attempt(() => navigator.clipboard.writeText(fix)).then((well) => well && say(t('copy.done')))}
                        >
                          <Icon name="copy" />
                        </button>
                      </span>
                    ),
                },
              ]}
              empty={<Empty title={t('doctor.nothing')} icon="doctor" />}
            />
          )
        }
      </Listing>
    </>
  );
}
