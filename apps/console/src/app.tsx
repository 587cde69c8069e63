import { Suspense, useEffect, useMemo, useState } from 'react';
import { may, session } from './api';
import { live } from './live/live';
import { CommandDialogs, showKeys, showPalette, useCommands, useKeys, type Command } from './commands';
import { PAGES } from './pages';
import { go, hashOf, usePlace } from './router';
import { kept, useSelected, useStore } from './store';
import { language, t, useLanguage } from './strings';
import { Toasts } from './toasts';
import { Icon } from './ui/icon';
import { Empty, Loading } from './ui/page';

type Theme = 'auto' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const theme = kept<Theme>('theme', 'auto');

export const nextTheme = (): void => theme.set((now) => THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]!);
const nextLanguage = (): void => language.set((now) => (now === 'en' ? 'ko' : 'en'));

/** The frame of all pages. */
export function App() {
  const spoken = useLanguage();
  const shade = useStore(theme);
  useEffect(() => {
    document.documentElement.lang = spoken;
  }, [spoken]);
  useEffect(() => {
    if (shade === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = shade;
  }, [shade]);
  useKeys();
  // A new language makes all of it anew: texts are read while rendering.
  return <Frame key={spoken} />;
}

function Frame() {
  const { parts } = usePlace();
  const page = PAGES.find(({ path }) => path === (parts[0] ?? PAGES[0]!.path));
  const [menu, setMenu] = useState(false);
  const title = page === undefined ? 'Sluice' : `${t(page.title)} · Sluice`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => setMenu(false), [parts[0]]);
  useCommands(useMemo(generalCommands, []));
  const Shown = page?.page;
  return (
    <div className={`frame${menu ? ' menu-open' : ''}`}>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}>
        {t('app.skip')}
      </a>
      <header className="top">
        <button className="icon-button menu-button" aria-label={t('app.menu')} aria-expanded={menu} onClick={() => setMenu(!menu)}>
          <Icon name="menu" />
        </button>
        <a className="brand" href={hashOf([])}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect width="16" height="16" rx="4" />
            <path d="M2.5 6q2.75-2.5 5.5 0t5.5 0M2.5 10.5q2.75-2.5 5.5 0t5.5 0" />
          </svg>
          Sluice
        </a>
        <Bar />
      </header>
      <nav className="side" aria-label={t('app.nav')}>
        {(['work', 'durable', 'system'] as const).map((group) => (
          <ul key={group} aria-label={t(`nav.group.${group}`)}>
            {PAGES.filter((one) => one.group === group).map((one) => (
              <li key={one.path}>
                <a href={hashOf([one.path])} aria-current={one === page ? 'page' : undefined}>
                  <Icon name={one.icon} />
                  {t(one.title)}
                </a>
              </li>
            ))}
          </ul>
        ))}
      </nav>
      <main id="main" tabIndex={-1} className={page?.full ? 'full' : undefined}>
        {Shown !== undefined ? (
          <Suspense fallback={<Loading />}>
            <Shown />
          </Suspense>
        ) : (
          <Empty title={t('state.not_found')}>
            <a href={hashOf([])}>{t('state.home')}</a>
          </Empty>
        )}
      </main>
      <CommandDialogs />
      <Toasts />
    </div>
  );
}

const CONNECTION = { connecting: 'state.loading', live: 'app.connected', lost: 'app.reconnecting', asleep: 'app.paused_tab' } as const;

function Bar() {
  const connection = useSelected(live, (now) => now.connection);
  const who = useStore(session);
  const shade = useStore(theme);
  return (
    <div className="bar">
      <span className={`pill ${connection === 'live' ? 'ok' : connection === 'lost' ? 'bad' : 'quiet'}`} role="status">
        <i className="dot" />
        {t(CONNECTION[connection])}
      </span>
      {who !== undefined && !may(who.scope, 'operate') && (
        <span className="pill quiet" title={t('app.read_only.hint')}>
          {t('app.read_only')}
        </span>
      )}
      <button className="palette-button" onClick={showPalette}>
        <Icon name="search" />
        <span>{t('app.commands')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <button
        className="icon-button"
        aria-label={t('app.theme', { theme: t(`app.theme.${shade}`) })}
        title={t('app.theme', { theme: t(`app.theme.${shade}`) })}
        onClick={nextTheme}
      >
        <Icon name="theme" />
      </button>
      <button className="icon-button wide-only" aria-label={t('app.language')} title={t('command.language')} onClick={nextLanguage}>
        <Icon name="language" />
      </button>
      <button className="icon-button wide-only" aria-label={t('keys.open')} title={t('keys.open')} onClick={showKeys}>
        <Icon name="keyboard" />
      </button>
    </div>
  );
}

function generalCommands(): readonly Command[] {
  return [
    {
      id: 'palette',
      title: t('palette.open'),
      group: 'general',
      keys: ['ctrl+k', 'ctrl+shift+p'],
      whileTyping: true,
      hidden: true,
      run: showPalette,
    },
    { id: 'keys', title: t('keys.open'), group: 'general', keys: ['?'], run: showKeys },
    {
      id: 'search',
      title: t('command.search'),
      group: 'general',
      keys: ['/'],
      run: () => document.querySelector<HTMLInputElement>('main input[type=search]')?.focus(),
    },
    { id: 'theme', title: t('command.theme'), group: 'general', run: nextTheme },
    { id: 'language', title: t('command.language'), group: 'general', run: nextLanguage },
    ...PAGES.map((page): Command => ({
      id: `go-${page.path}`,
      title: t('command.go', { page: t(page.title) }),
      group: 'go',
      keys: [`g ${page.key}`],
      run: () => go([page.path]),
    })),
  ];
}
