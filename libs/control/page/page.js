// The page of a running Sluice: reads /api/v1/events and draws. No framework, no build, nothing from elsewhere.

const SVG = 'http://www.w3.org/2000/svg';
const BOX = { width: 136, height: 46 };
/** Room between boxes: along the flow, and beside it. */
const GAP = { along: 54, beside: 16, down: 30 };
/** Below this width of the page the graph flows down, not across. */
const NARROW = 700;
/** Smallest scale at which its text can be read. */
const LEAST_SCALE = 0.75;
const MAX_EVENTS = 60;

const $ = (id) => document.getElementById(id);
const el = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};
const svg = (tag, attributes, text) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const count = (value) => (value >= 100_000 ? compact.format(value) : Number.isInteger(value) ? whole.format(value) : exact.format(value));
const rate = (value) => (value === 0 ? '0' : value < 10 ? value.toFixed(1) : count(value));
const millis = (value) => (value === 0 ? '0' : value < 0.095 ? '<0.1' : value < 10 ? value.toFixed(1) : count(value));
const span = (ms) => {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
  return s < 86400 ? `${Math.floor(s / 3600)}h ${Math.floor(s / 60) % 60}m` : `${Math.floor(s / 86400)}d ${Math.floor(s / 3600) % 24}h`;
};
const sum = (values) => values.reduce((total, value) => total + value, 0);
const lost = (edge) => sum(Object.values(edge.dropped));

let chosen = '';
let drawn = '';
/** Of a run that has ended, totals are shown in place of rates. */
let ended = false;
let previews = new Map();

/* ---- what arrives ---- */

const source = new EventSource('/api/v1/events');
source.addEventListener('open', () => void loadPreviews());
source.addEventListener('error', () => pill('disconnected', 'error'));
source.addEventListener('figures', (message) => {
  const { runs } = JSON.parse(message.data);
  if (runs.length === 0) return pill('starting', '');
  const run = runs.find((one) => one.id === chosen) ?? runs[0];
  if (run.id !== chosen) choose(run.id);
  tabs(runs);
  show(run);
});
source.addEventListener('event', (message) => addEvent(JSON.parse(message.data)));

async function loadPreviews() {
  try {
    const { runs } = await (await fetch('/api/v1/runs')).json();
    previews = new Map(runs.map((run) => [run.id, run]));
    film();
  } catch {
    // The event stream shows that the server is away, and calls again when it is back.
  }
}

function choose(id) {
  chosen = id;
  void loadPreviews();
}

/* ---- header ---- */

function pill(text, kind) {
  $('state').textContent = text;
  $('state').className = `pill ${kind}`;
}

function tabs(runs) {
  $('runs').hidden = runs.length < 2;
  if (runs.length < 2) return;
  $('runs').replaceChildren(
    ...runs.map((run) => {
      const button = el('button', '', run.graph);
      button.setAttribute('aria-pressed', String(run.id === chosen));
      button.addEventListener('click', () => choose(run.id));
      return button;
    }),
  );
}

function show(run) {
  document.title = `${run.graph} · Sluice`;
  $('graph').textContent = run.graph;
  pill(run.status === 'ok' ? run.state : `${run.state}, ${run.status}`, run.status === 'ok' && run.state !== 'running' ? '' : run.status);
  $('uptime').textContent = span(run.duration_ms);
  $('packets').textContent = count(sum(run.nodes.map((node) => (node.kind === 'source' ? node.produced : 0))));
  $('dropped').textContent = count(sum(run.edges.map(lost)));
  const errors = sum(run.nodes.map((node) => node.errors));
  $('errors').textContent = count(errors);
  $('errors').className = errors > 0 ? 'attention' : '';
  $('plan').textContent = run.plan_hash.slice(0, 12);
  $('plan').title = run.plan_hash;
  const reasons = $('reasons');
  reasons.hidden = run.reasons.length === 0;
  reasons.className = run.status;
  if (reasons.dataset.shown !== run.reasons.join('\n')) {
    reasons.dataset.shown = run.reasons.join('\n');
    reasons.replaceChildren(...run.reasons.map((reason) => el('li', '', reason)));
  }
  ended = run.state === 'done';
  for (const cell of document.querySelectorAll('[data-rate]')) cell.textContent = ended ? cell.dataset.rate : `${cell.dataset.rate}/s`;
  rows($('nodes'), run.nodes, nodeRow);
  rows($('edges'), run.edges, edgeRow);
  flow(run);
}

/* ---- tables: rows are made once and filled again ---- */

function rows(body, items, fill) {
  const wanted = items.map((item) => item.id).join('\n');
  if (body.dataset.rows !== wanted) {
    body.dataset.rows = wanted;
    body.replaceChildren(...items.map(() => el('tr')));
  }
  items.forEach((item, i) => fill(body.children[i], item));
}

function number(cell, text, quiet) {
  cell.className = quiet ? 'n zero' : 'n';
  cell.textContent = text;
}

function flowed(cell, none, total, perSecond) {
  const value = ended ? total : perSecond;
  number(cell, none ? '' : ended ? count(value) : rate(value), value === 0);
}

function nodeRow(row, node) {
  if (row.children.length === 0) {
    const first = el('td');
    first.append(el('span', 'name', node.id), ' ', el('small', '', node.type), el('div', 'counters'));
    row.append(first, ...Array.from({ length: 6 }, () => el('td')));
  }
  const [first, taken, given, p50, p95, p99, errors] = row.children;
  first.firstChild.className = `name ${node.state}`;
  first.firstChild.title = node.state;
  const counters = Object.entries(node.counters).map(([name, value]) => {
    const item = el('span', '', `${name.replaceAll('_', ' ')} `);
    item.append(el('b', '', count(value)));
    return item;
  });
  if (node.last_error) counters.push(el('span', 'fault', `${node.last_error.code}: ${node.last_error.message}`));
  first.lastChild.replaceChildren(...counters);
  flowed(taken, node.kind === 'source', node.consumed, node.consumed_per_s);
  flowed(given, node.kind === 'sink', node.produced, node.produced_per_s);
  const calls = node.kind !== 'source' && node.kind !== 'operator';
  for (const [cell, value] of [
    [p50, node.p50_ms],
    [p95, node.p95_ms],
    [p99, node.p99_ms],
  ]) {
    number(cell, calls ? millis(value) : '', value === 0);
    if (cell !== p95) cell.classList.add('roomy');
  }
  number(errors, count(node.errors), node.errors === 0);
  if (node.errors > 0) errors.classList.add('attention');
}

function edgeRow(row, edge) {
  if (row.children.length === 0) {
    const name = el('td');
    const policy = edge.when_full + (edge.lane === 'data' ? '' : `, ${edge.lane}`);
    name.append(el('span', '', `${edge.from} →`), ' ', el('span', '', edge.to), ' ', el('span', 'policy', policy.replaceAll('_', ' ')));
    const depth = el('td');
    const bar = el('div', 'bar');
    bar.append(el('i'), el('u'));
    const box = el('div', 'depth');
    box.append(bar, el('span'));
    depth.append(box);
    row.append(name, el('td'), depth, el('td'), el('td'));
  }
  const [, given, depth, dropped, blocked] = row.children;
  flowed(given, false, edge.out, edge.out_per_s);
  const [bar, text] = depth.firstChild.children;
  const [fill, peak] = bar.children;
  const share = (value) => `${Math.min(100, (100 * value) / Math.max(1, edge.capacity))}%`;
  fill.style.width = share(edge.in_flight);
  fill.className = edge.in_flight >= edge.capacity && edge.capacity > 1 ? 'full' : '';
  peak.style.left = `min(calc(100% - 2px), ${share(edge.peak)})`;
  peak.hidden = edge.peak === 0;
  text.textContent = `${count(edge.in_flight)} / ${count(edge.capacity)}`;
  const total = lost(edge);
  number(dropped, count(total), total === 0);
  if (edge.dropped_per_s > 0) dropped.append(el('small', 'roomy', ` ${rate(edge.dropped_per_s)}/s`));
  dropped.title = Object.entries(edge.dropped)
    .map(([reason, value]) => `${reason}: ${value}`)
    .join(', ');
  number(
    blocked,
    edge.blocked_ms < 1 ? '0' : edge.blocked_ms < 1000 ? `${Math.round(edge.blocked_ms)}ms` : span(edge.blocked_ms),
    edge.blocked_ms < 1,
  );
  blocked.classList.add('roomy');
}

/* ---- the graph ---- */

/** Column of each node: the longest way from a source, edges that close a cycle left out. */
function columns(run) {
  const next = new Map(run.nodes.map((node) => [node.id, []]));
  for (const edge of run.edges) next.get(nodeOf(edge.from))?.push(nodeOf(edge.to));
  const column = new Map(run.nodes.map((node) => [node.id, 0]));
  const visit = (id, depth, path) => {
    if (!column.has(id) || path.has(id) || depth < column.get(id)) return;
    column.set(id, depth);
    path.add(id);
    for (const to of next.get(id)) visit(to, depth + 1, path);
    path.delete(id);
  };
  const fed = new Set(run.edges.map((edge) => nodeOf(edge.to)));
  for (const node of run.nodes) if (!fed.has(node.id)) visit(node.id, 0, new Set());
  return column;
}

function nodeOf(end) {
  return end.slice(0, end.lastIndexOf('.'));
}

function flow(run) {
  const shape = `${run.id} ${run.plan_hash} ${window.innerWidth < NARROW}`;
  if (drawn !== shape) {
    drawn = shape;
    drawFlow(run, window.innerWidth < NARROW);
  }
  const byId = (selector, id) => $('flow').querySelector(`${selector}[data-id="${CSS.escape(id)}"]`);
  for (const node of run.nodes) byId('.box', node.id)?.setAttribute('class', `box ${node.state}`);
  for (const edge of run.edges) {
    const full = edge.capacity > 1 && edge.in_flight >= edge.capacity;
    byId('path', edge.id)?.setAttribute('class', `${edge.out_per_s > 0 ? 'moving' : ''} ${full ? 'full' : ''}`);
    const label = byId('text', edge.id);
    if (label) label.textContent = ended ? count(edge.out) : `${rate(edge.out_per_s)}/s`;
  }
}

function drawFlow(run, down) {
  const column = columns(run);
  const stacks = [];
  for (const node of run.nodes) (stacks[column.get(node.id)] ??= []).push(node);
  const used = stacks.filter(Boolean);
  // Steps along the flow and beside it; laid out across, turned where it flows down.
  const along = down ? BOX.height + GAP.down : BOX.width + GAP.along;
  const beside = (down ? BOX.width : BOX.height) + GAP.beside;
  const broad = Math.max(...used.map((stack) => stack.length)) * beside - GAP.beside;
  const long = used.length * along - (down ? GAP.down : GAP.along);
  const place = new Map();
  used.forEach((stack, i) => {
    const start = (broad - (stack.length * beside - GAP.beside)) / 2;
    stack.forEach((node, k) =>
      place.set(node.id, down ? { x: start + k * beside, y: i * along } : { x: i * along, y: start + k * beside }),
    );
  });
  const [width, height] = down ? [broad + 4, long + 4] : [long + 4, broad + 4];
  const picture = svg('svg', { width, height, viewBox: `-2 -2 ${width} ${height}`, role: 'img', 'aria-label': `Graph ${run.graph}` });
  picture.style.minWidth = `${width * LEAST_SCALE}px`;
  const labels = [];
  for (const edge of run.edges) {
    const [a, b] = [place.get(nodeOf(edge.from)), place.get(nodeOf(edge.to))];
    if (!a || !b) continue;
    const line = down
      ? { x1: a.x + BOX.width / 2, y1: a.y + BOX.height, x2: b.x + BOX.width / 2, y2: b.y }
      : { x1: a.x + BOX.width, y1: a.y + BOX.height / 2, x2: b.x, y2: b.y + BOX.height / 2 };
    const { x1, y1, x2, y2 } = line;
    const bend = down ? Math.max(GAP.down / 2, (y2 - y1) / 2) : Math.max(GAP.along / 2, (x2 - x1) / 2);
    const path = down
      ? `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`
      : `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    picture.append(svg('path', { 'data-id': edge.id, d: path }));
    const middle = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
    labels.push(
      svg('text', { class: 'rate', 'data-id': edge.id, x: down ? middle.x + 24 : middle.x, y: down ? middle.y + 4 : middle.y - 6 }, '0/s'),
    );
  }
  for (const node of run.nodes) {
    const { x, y } = place.get(node.id);
    const box = svg('g', { class: 'box', 'data-id': node.id, transform: `translate(${x} ${y})` });
    box.append(
      svg('title', {}, `${node.id}: ${node.type}`),
      svg('rect', { width: BOX.width, height: BOX.height, rx: 8 }),
      svg('text', { x: 12, y: 20 }, short(node.id, 17)),
      svg('text', { class: 'type', x: 12, y: 36 }, short(node.type, 21)),
    );
    picture.append(box);
  }
  picture.append(...labels);
  $('flow').replaceChildren(picture);
}

function short(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/* ---- the picture ---- */

function film() {
  const run = previews.get(chosen);
  $('description').textContent = run?.description ?? '';
  const preview = run?.previews[0];
  $('preview').hidden = !preview;
  document.querySelector('main').classList.toggle('no-preview', !preview);
  if (!preview) return;
  $('preview-name').textContent = `${preview.node}.${preview.port}`;
  // A page that nobody looks at asks for nothing.
  const url = document.hidden ? '' : preview.url.replace(/\.jpg$/, '.mjpeg');
  if ($('film').getAttribute('src') === url) return;
  if (url) $('film').src = url;
  else $('film').removeAttribute('src');
}

$('film').addEventListener('load', () => ($('waiting').hidden = true));
$('film').addEventListener('error', () => {
  $('film').removeAttribute('src');
  setTimeout(film, 1500);
});
document.addEventListener('visibilitychange', film);

/* ---- events ---- */

function addEvent({ event, at, entity, payload }) {
  const list = $('events');
  list.querySelector('.none')?.remove();
  const item = el('li');
  const time = el('time', '', new Date(at).toLocaleTimeString('en-GB'));
  time.dateTime = at;
  item.append(time, el('span', payload.code ? 'fault' : '', event), el('b', '', event.includes(entity.id) ? '' : entity.id));
  const text = [payload.code, payload.message].filter(Boolean).join(': ');
  if (text) item.append(el('span', 'text', text));
  list.prepend(item);
  while (list.children.length > MAX_EVENTS) list.lastChild.remove();
}
