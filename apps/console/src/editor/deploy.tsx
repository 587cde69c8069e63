import { useEffect, useState } from 'react';
import { api, ask, ApiFault, finished } from '../api';
import { go } from '../router';
import { t } from '../strings';
import { say } from '../toasts';
import { Dialog } from '../ui/dialog';
import { FaultView, Loading } from '../ui/page';
import { editing, layoutFile, wasSaved, type Editing, type PlanDiff } from './draft';
import { FindingList } from './findings';

type Asked =
  { readonly diff: PlanDiff; readonly running: boolean; readonly hash: string | undefined } | { readonly findings: Editing['diagnostics'] };

/** Validates, says in words what will change, and does it when that is confirmed. */
export function Deploy({ onClose }: { readonly onClose: () => void }) {
  const [now] = useState(() => editing.get()!);
  const [asked, setAsked] = useState<Asked>();
  const [fault, setFault] = useState<ApiFault>();
  const [busy, setBusy] = useState('');
  const { name, base, history } = now;
  const { text } = history.present;
  useEffect(() => {
    look(name, text).then(setAsked, (thrown: unknown) => setFault(ApiFault.from(thrown)));
  }, [name, text]);
  const deploy = async (): Promise<void> => {
    setBusy(t('editor.deploy.busy'));
    setFault(undefined);
    try {
      const hash = asked !== undefined && 'diff' in asked ? asked.hash : undefined;
      const { job, version } = await ask(
        api.POST('/api/v1/graphs/{name}/deploy', {
          params: { path: { name } },
          body: { text, base, layout: layoutFile(history.present), ...(hash === undefined ? {} : { plan_hash: hash }) },
        }),
      );
      wasSaved(history.present, version.sha256);
      const { result } = await finished(job, ({ message }) => message !== '' && setBusy(message));
      const { kept, replaced, run } = result as { kept: readonly string[]; replaced: readonly string[]; run: string };
      say(t('editor.deploy.done', { name, kept: kept.length, replaced: replaced.length }));
      onClose();
      go(['live', run]);
    } catch (thrown) {
      setFault(ApiFault.from(thrown));
      setBusy('');
    }
  };
  const sound = asked !== undefined && 'diff' in asked;
  return (
    <Dialog title={t('editor.deploy.title', { name })} onClose={onClose} className="deploy">
      <div className="dialog-text">
        {fault !== undefined && <FaultView fault={fault} />}
        {asked === undefined && fault === undefined && <Loading />}
        {asked !== undefined && 'findings' in asked && (
          <>
            <p>{t('editor.deploy.invalid')}</p>
            <FindingList found={asked.findings} />
          </>
        )}
        {sound && fault === undefined && <Changes {...asked} />}
        {busy !== '' && <p role="status">{busy}</p>}
      </div>
      <footer>
        <button onClick={onClose}>{t(sound ? 'dialog.cancel' : 'dialog.close')}</button>
        <button className="primary" disabled={!sound || busy !== ''} onClick={() => void deploy()}>
          {t('editor.deploy')}
        </button>
      </footer>
    </Dialog>
  );
}

async function look(name: string, text: string): Promise<Asked> {
  const checked = await ask(api.POST('/api/v1/graphs/validate', { body: { name, text } }));
  if (!checked.valid) return { findings: checked.diagnostics.filter(({ severity }) => severity === 'error') };
  const { graphs } = await ask(api.GET('/api/v1/graphs'));
  const run = graphs.find((graph) => graph.name === name)?.runs.at(-1);
  if (run === undefined) {
    const { plan } = await ask(api.POST('/api/v1/graphs/plan', { body: { name, text } }));
    const { nodes, hash } = plan as { nodes: readonly { id: string; type: string }[]; hash: string };
    const none = { name: '', hash: '' };
    const diff: PlanDiff = {
      same: false,
      before: none,
      after: { name, hash },
      nodes: nodes.map(({ id, type }) => ({ id, type, change: 'added', differences: [] })),
      edges: [],
      ports: [],
    };
    return { diff, running: false, hash };
  }
  const { diff } = await ask(api.POST('/api/v1/graphs/diff', { body: { name, before: { run }, after: { name, text } } }));
  return { diff, running: true, hash: diff.after.hash };
}

const words = (value: unknown): string =>
  value === undefined ? t('editor.deploy.nothing') : typeof value === 'string' ? value : JSON.stringify(value);

/** A difference of two plans in words: what is added, removed, restarted and why. */
function Changes({ diff, running }: { readonly diff: PlanDiff; readonly running: boolean }) {
  if (!running) return <p>{t('editor.deploy.start', { nodes: diff.nodes.length })}</p>;
  if (diff.same) return <p>{t('editor.deploy.same')}</p>;
  const kept = diff.nodes.filter(({ change }) => change === 'kept').length;
  const parts = [
    ...diff.nodes.map((one) => ({ ...one, what: t('editor.deploy.node'), note: one.type })),
    ...diff.edges.map((one) => ({ ...one, what: t('editor.deploy.edge'), note: '' })),
  ].filter(({ change }) => change !== 'kept');
  return (
    <>
      <p>{t('editor.deploy.changes')}</p>
      <ul className="changes">
        {parts.map(({ id, what, note, change, differences }) => (
          <li key={`${what} ${id}`} className={change}>
            <span className="change">{t(`editor.deploy.${change as 'added'}`)}</span>
            <span>
              {what} <b>{id.replace('->', ' → ')}</b> {note !== '' && <code>{note}</code>}
              {differences.map(({ path, before, after }) => (
                <span key={path} className="difference">
                  {path}: <del>{words(before)}</del> → <ins>{words(after)}</ins>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p className="soft">{t('editor.deploy.kept', { n: kept })}</p>
    </>
  );
}
