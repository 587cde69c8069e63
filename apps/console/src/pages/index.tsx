import { lazy, type ComponentType } from 'react';
import type { Key } from '../strings';
import type { IconName } from '../ui/icon';
import { ActionsPage } from './actions-page';
import { AssetsPage } from './assets-page';
import { DashboardPage } from './dashboard-page';
import { DoctorPage } from './doctor-page';
import { FleetPage } from './fleet-page';
import { GovernancePage } from './governance-page';
import { JournalPage } from './journal-page';
import { LivePage } from './live-page';
import { PresetsPage } from './presets-page';
import { QueuesPage } from './queues-page';
import { RunsPage } from './runs-page';

/** Apart from the rest: a reader of figures needs no YAML editor and no forms. */
const EditorPage = lazy(async () => ({ default: (await import('../editor/editor-page')).EditorPage }));

export interface PageInfo {
  /** First part of its address: `#/runs`. */
  readonly path: string;
  readonly title: Key;
  readonly icon: IconName;
  /** Second key after g. */
  readonly key: string;
  readonly group: 'work' | 'durable' | 'system';
  readonly page: ComponentType;
  /** It has the whole height for itself: no scrolling of the page, no padding. */
  readonly full?: boolean;
}

/** All pages, in the order of the navigation. */
export const PAGES: readonly PageInfo[] = [
  { path: 'live', title: 'nav.live', icon: 'live', key: 'l', group: 'work', page: LivePage, full: true },
  { path: 'dashboard', title: 'nav.dashboard', icon: 'dashboard', key: 'd', group: 'work', page: DashboardPage },
  { path: 'editor', title: 'nav.editor', icon: 'editor', key: 'e', group: 'work', page: EditorPage, full: true },
  { path: 'presets', title: 'nav.presets', icon: 'presets', key: 'p', group: 'work', page: PresetsPage },
  { path: 'runs', title: 'nav.runs', icon: 'runs', key: 'r', group: 'work', page: RunsPage },
  { path: 'queues', title: 'nav.queues', icon: 'queues', key: 'q', group: 'durable', page: QueuesPage },
  { path: 'journal', title: 'nav.journal', icon: 'journal', key: 'j', group: 'durable', page: JournalPage },
  { path: 'actions', title: 'nav.actions', icon: 'actions', key: 'a', group: 'durable', page: ActionsPage },
  { path: 'fleet', title: 'nav.fleet', icon: 'fleet', key: 'f', group: 'system', page: FleetPage },
  { path: 'assets', title: 'nav.assets', icon: 'assets', key: 's', group: 'system', page: AssetsPage },
  { path: 'doctor', title: 'nav.doctor', icon: 'doctor', key: 'o', group: 'system', page: DoctorPage },
  { path: 'governance', title: 'nav.governance', icon: 'governance', key: 'g', group: 'system', page: GovernancePage },
];
