import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, may, session, useAsk } from '../api';
import { go } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Diagnostics } from '../ui/diagnostics';
import { Dialog } from '../ui/dialog';
import { Listing } from '../ui/listing';
import { Empty, PageHead } from '../ui/page';
import { changed, textOf } from './params';

type Preset = Api['Preset'];

/** `#/presets`: graphs with parameters that have a name. */
export function PresetsPage() {
  const asked = useAsk(() => ask(api.GET('/api/v1/presets')), []);
  const [open, setOpen] = useState<Preset>();
  return (
    <>
      <PageHead title={t('nav.presets')} note={t('presets.note')} />
      <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="presets" />}>
        {({ presets }) => (
          <DataTable
            label={t('nav.presets')}
            rows={presets}
            rowKey={({ name }) => name}
            onOpen={setOpen}
            sort={{ key: 'name', down: false }}
            columns={[
              { key: 'name', title: t('column.name'), value: ({ name }) => name },
              { key: 'graph', title: t('column.graph'), value: ({ graph }) => graph },
              {
                key: 'description',
                title: t('column.description'),
                value: ({ description }) => description,
                cell: ({ description }) => <span className="wraps">{description}</span>,
                wide: true,
              },
              { key: 'params', title: t('column.params'), value: ({ params }) => params.length, numeric: true },
            ]}
            empty={
              <Empty title={t('presets.none')} icon="presets">
                {t('presets.none_hint')}
              </Empty>
            }
          />
        )}
      </Listing>
      {open !== undefined && <PresetDialog preset={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function PresetDialog({ preset, onClose }: { readonly preset: Preset; readonly onClose: () => void }) {
  const allowed = may(useStore(session)?.scope, 'operate');
  const values: Readonly<Record<string, unknown>> = Object.fromEntries(preset.params.map((param) => [param.name, param.default]));
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [found, setFound] = useState<readonly Api['Diagnostic'][]>();
  const [busy, setBusy] = useState(false);
  const body = () => ({ params: changed(values, typed) });
  const path = { path: { name: preset.name } };
  const during = (work: () => Promise<unknown>): void => {
    setBusy(true);
    void attempt(work).finally(() => setBusy(false));
  };
  const validate = (): void =>
    during(async () => {
      const { valid, diagnostics } = await ask(api.POST('/api/v1/presets/{name}/validate', { params: path, body: body() }));
      setFound(diagnostics);
      if (valid) say(t('presets.valid', { name: preset.name }));
    });
  const start = (): void =>
    during(async () => {
      const { run } = await ask(api.POST('/api/v1/presets/{name}/start', { params: path, body: body() }));
      say(t('run.started', { run: run.id }));
      go(['live', run.id]);
    });
  return (
    <Dialog title={preset.name} onClose={onClose}>
      <form onSubmit={(event) => (event.preventDefault(), start())}>
        <div className="dialog-text">
          <p className="soft">{preset.description}</p>
          {preset.params.map(({ name, description }) => (
            <label key={name} className="field">
              {name}
              <input
                type="text"
                title={description}
                value={typed[name] ?? textOf(values[name])}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
              />
            </label>
          ))}
          {found !== undefined && <Diagnostics found={found} />}
        </div>
        <footer>
          <button type="button" disabled={busy} onClick={validate}>
            {t('presets.validate')}
          </button>
          <button className="primary" disabled={busy || !allowed} title={allowed ? undefined : t('app.read_only.hint')}>
            {t('presets.start')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
