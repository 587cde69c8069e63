import { useEffect, useState } from 'react';
import { api, ask, useAsk } from '../api';
import { t } from '../strings';

/** The newest picture of a run, as it comes. A page that nobody looks at asks for nothing. */
export function Preview({ run }: { readonly run: string }) {
  const { data } = useAsk(() => ask(api.GET('/api/v1/runs/{id}', { params: { path: { id: run } } })), [run]);
  const previews = data?.run.previews ?? [];
  const [chosen, setChosen] = useState(0);
  const [visible, setVisible] = useState(!document.hidden);
  const [failed, setFailed] = useState(0);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const look = (): void => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (failed === 0) return undefined;
    const timer = setTimeout(() => setFailed(0), 1_500);
    return () => clearTimeout(timer);
  }, [failed]);
  const preview = previews[Math.min(chosen, previews.length - 1)];
  if (preview === undefined) return null;
  const name = `${preview.node}.${preview.port}`;
  return (
    <figure className="preview">
      <div className={`screen${shown ? '' : ' waiting'}`}>
        {visible && failed === 0 && (
          <img
            src={preview.url.replace(/\.jpg$/, '.mjpeg')}
            alt={t('preview.alt', { port: name })}
            onLoad={() => setShown(true)}
            onError={() => setFailed((n) => n + 1)}
          />
        )}
        {!shown && <p className="soft">{t('preview.waiting')}</p>}
      </div>
      <figcaption>
        {previews.length === 1 ? (
          <code>{name}</code>
        ) : (
          <select
            aria-label={t('preview.choose')}
            value={chosen}
            onChange={(event) => (setChosen(Number(event.target.value)), setShown(false))}
          >
            {previews.map(({ node, port }, i) => (
              <option key={`${node}.${port}`} value={i}>
                {node}.{port}
              </option>
            ))}
          </select>
        )}
      </figcaption>
    </figure>
  );
}
