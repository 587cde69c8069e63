/** Lines on a grid of 16. */
const PATHS = {
  dashboard: 'M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5h4.5v3h-4.5z',
  live: 'M1.5 8h3l2-5 3 10 2-5h3',
  editor: 'M2 3h5v4H2zM9 9h5v4H9zM7 5h2.5a2 2 0 0 1 2 2v2',
  presets: 'M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.8v3.4M6 9.8v3.4',
  runs: 'M4.5 3v10l8-5z',
  queues: 'M2 4h12M2 8h12M2 12h8',
  journal: 'M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2',
  actions: 'M2.5 8.5l3.5 3.5 7.5-8',
  fleet: 'M5.5 2h5v4h-5zM1.5 10h5v4h-5zM9.5 10h5v4h-5zM8 6v2M4 10V8h8v2',
  assets: 'M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6.2',
  doctor: 'M8 3v10M3 8h10',
  governance: 'M8 1.8l5.5 2v4c0 3.3-2.3 5.5-5.5 6.5-3.2-1-5.5-3.2-5.5-6.5v-4z',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  alert: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.8v.2',
  empty: 'M2 9.5h3.5l1 2h3l1-2H14M2 9.5L4 3h8l2 6.5V13H2z',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.3 10.3L14 14',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  language: 'M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12M2 8h12M8 2c2.5 2 2.5 10 0 12c-2.5-2-2.5-10 0-12',
  keyboard: 'M1.5 4h13v8h-13zM4 6.8h.2M6.6 6.8h.2M9.2 6.8h.2M11.8 6.8h.2M5 9.5h6',
  pause: 'M5 3v10M11 3v10',
  play: 'M4.5 3v10l8-5z',
  stop: 'M3.5 3.5h9v9h-9z',
  drain: 'M3 3h10M8 3v9M5 9.5l3 3 3-3M3 14h10',
  cancel: 'M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12M4 12l8-8',
  up: 'M3.5 10L8 5.5l4.5 4.5',
  down: 'M3.5 6L8 10.5 12.5 6',
  left: 'M10 3.5L5.5 8l4.5 4.5',
  right: 'M6 3.5L10.5 8 6 12.5',
  pin: 'M5.5 2h5l-.5 5 2 2.5h-8L6 7zM8 9.5V14',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  reload: 'M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  add: 'M8 3v10M3 8h10',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  undo: 'M5 3L2 6l3 3M2 6h7.5a3.5 3.5 0 0 1 0 7H6',
  redo: 'M11 3l3 3-3 3M14 6H6.5a3.5 3.5 0 0 0 0 7H10',
  external: 'M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: what it stands beside, or the label of its button, says the same in words. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
