// The staff board: columns by status, orders that need a person on top, many orders at once.

import {
  Problem, byId, call, called, age, el, findToken, money, poll, reconcile, signIn, signOut, subject, tokenClaims, when,
} from './base.js';
import { Detail } from './staff-detail.js';
import { toast } from './staff-ask.js';
import { PauseSwitch } from './staff-pause.js';
import { POS, STATUS, WARNING, needsPerson, plain, say, trouble } from './words.js';

const EVERY_MS = 2000;
const SEARCH_AFTER_MS = 200;
const LATE_MINUTES = 5;
const DONE_HOURS = 24;
const OPEN = ['VERIFICATION_PENDING', 'AWAITING_PROCESSING', 'IN_PROCESS', 'PACKED_READY', 'OUT_FOR_DELIVERY'];
const ENDED = ['COMPLETED', 'CANCELED'];
// Shown also when empty, so that the board does not jump.
const ALWAYS = ['AWAITING_PROCESSING', 'IN_PROCESS', 'PACKED_READY', 'COMPLETED'];
const BATCH = { AWAITING_PROCESSING: ['start'], IN_PROCESS: ['pick', 'pack'] };
const BATCH_WORD = { start: 'Start picking', pick: 'All lines picked', pack: 'Packed' };

const base = `/api/v1/stores/${encodeURIComponent(subject)}`;
const chosen = new Set();
let store = {};
let orders = new Map();
let reading;
let again = false;

const zone = () => store.time_zone;
const detail = new Detail({ refresh, signedOut, zone });
let pause;

function signedOut(error) {
  if (!(error instanceof Problem) || error.status !== 401) return false;
  signOut('staff', 'The access token is not valid any more.');
  return true;
}

const searched = () => byId('search').value.trim();

const list = (filters) => call('GET', `${base}/orders?${new URLSearchParams(filters)}`);

// One read at a time; whoever asks during a read gets another one after it.
async function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = read().finally(() => { reading = undefined; });
  await reading;
  if (again) {
    again = false;
    return refresh();
  }
  return undefined;
}

async function read() {
  const live = byId('live');
  try {
    if (!store.name) {
      const { store: found } = await call('GET', `${base}/products`);
      store = found;
      byId('store-name').textContent = store.name;
    }
    const since = new Date(Date.now() - DONE_HOURS * 3600000).toISOString();
    // What needs a person stays in sight, whatever is searched for.
    const q = searched();
    const [open, ended, alarms] = await Promise.all([
      list({ status: OPEN.join(), sort: 'oldest', limit: 200, q }),
      list({ status: ENDED.join(), sort: 'updated', limit: 30, q, from: q ? '' : since }),
      list({ attention: true, sort: 'oldest', limit: 20 }),
      pause.load(),
    ]);
    await detail.load();
    orders = new Map([...open.orders, ...ended.orders].map((order) => [order.id, order]));
    for (const id of chosen) if (!BATCH[orders.get(id)?.status]) chosen.delete(id);
    drawBoard({ ...open.counts, COMPLETED: ended.counts.COMPLETED, CANCELED: ended.counts.CANCELED });
    drawAlarms(alarms.orders);
    drawBatch();
    live.className = 'live on';
    live.textContent = 'Live';
  } catch (error) {
    if (signedOut(error)) return;
    live.className = 'live off';
    live.textContent = error.sentence ?? 'Not up to date';
  }
}

function drawAlarms(found) {
  const alarms = found.filter(needsPerson);
  const stamp = (order) => `${order.revision}/${age(order.updated_at)}`;
  reconcile(byId('attention'), alarms, (order) => order.id, stamp, (order) => {
    const { title, details } = trouble(order);
    return el('div', { class: 'alarm' },
      el('span', { class: 'code' }, order.code),
      el('div', { class: 'wrap' },
        el('p', { class: 'what' }, title),
        el('p', {}, [called(order.customer), `${age(order.pos.attention?.since ?? order.updated_at)}`, ...details].join(' · '))),
      el('div', { class: 'deeds' },
        detail.posDeeds(order),
        el('button', { class: 'button small', data: { focus: 'open' }, onclick: () => show(order.id) }, 'Open')));
  });
  document.title = `${alarms.length ? `(${alarms.length}!) ` : ''}Orders · ${store.name}`;
}

function card(order) {
  const lines = order.items.filter((item) => item.pick !== 'removed');
  const done = lines.filter((item) => item.pick !== 'open').length;
  const waits = order.status === 'AWAITING_PROCESSING' && Date.now() - new Date(order.created_at) > LATE_MINUTES * 60000;
  const quiet = ['accepted', 'not_required', 'cancelled'].includes(order.pos.state);
  return el('li', { class: `card ${order.id === detail.id ? 'open' : ''} ${chosen.has(order.id) ? 'picked' : ''}` },
    el('div', { class: 'row' },
      el('button', { class: 'open-it code', data: { focus: 'open' }, onclick: () => show(order.id) }, order.code),
      BATCH[order.status] && el('label', { class: 'tick' },
        el('span', { class: 'unseen' }, `Select ${order.code}`),
        el('input', { type: 'checkbox', checked: chosen.has(order.id), data: { focus: 'tick' }, onchange: (event) => choose([order.id], event.target.checked) }))),
    el('p', { class: 'name', title: called(order.customer) }, called(order.customer)),
    el('div', { class: 'row soft' },
      el('span', { class: 'num' }, `${lines.length} ${lines.length === 1 ? 'line' : 'lines'} · ${money(order.totals.total, order.totals.currency)}`),
      el('span', { class: waits ? 'late num' : 'num' }, age(order.created_at))),
    el('div', { class: 'chips' },
      order.status === 'CANCELED' && el('span', { class: 'chip bad' }, 'cancelled'),
      !quiet && el('span', { class: needsPerson(order) ? 'chip bad' : 'chip warn' }, say(POS, order.pos.state)),
      (order.pos.differences ?? []).length > 0 && el('span', { class: 'chip warn' }, 'POS differs'),
      order.status === 'IN_PROCESS' && el('span', { class: 'chip info num' }, `${done}/${lines.length} picked`),
      order.payment === 'paid' && order.status !== 'COMPLETED' && el('span', { class: 'chip good' }, 'paid'),
      order.fulfillment.pickup_at && el('span', { class: 'chip info num' }, `for ${when(order.fulfillment.pickup_at, zone())}`),
      (order.warnings ?? []).map((word) => el('span', { class: 'chip warn' }, WARNING[word]?.[0] ?? plain(word))),
      order.note && el('span', { class: 'chip' }, 'note'),
      order.customer.type !== 'adult' && el('span', { class: 'chip' }, order.customer.type)));
}

function drawBoard(counts) {
  const all = [...orders.values()];
  const shown = [...OPEN, 'COMPLETED'].filter((status) => ALWAYS.includes(status) || all.some((order) => order.status === status));
  reconcile(byId('board'), shown, (status) => status, () => 1, (status) => el('section', { class: 'column', 'aria-label': say(STATUS, status) },
    el('header', {},
      el('h2', {}, status === 'COMPLETED' ? 'Done' : say(STATUS, status)),
      el('span', { class: 'chip num count' }),
      BATCH[status] && el('button', { class: 'all', onclick: () => chooseAll(status) }, 'Select all')),
    el('ul')));
  for (const status of shown) {
    const column = byId('board').querySelector(`[data-key="${status}"]`);
    const ended = status === 'COMPLETED';
    const mine = all.filter((order) => order.status === status || (ended && order.status === 'CANCELED'));
    const count = ended ? (counts.COMPLETED ?? 0) + (counts.CANCELED ?? 0) : counts[status] ?? 0;
    column.querySelector('.count').textContent = ended && !searched() ? `${count} in ${DONE_HOURS} h` : String(count);
    const stamp = (order) => [order.revision, age(order.created_at), chosen.has(order.id), order.id === detail.id].join('/');
    reconcile(column.querySelector('ul'), mine, (order) => order.id, stamp, card);
  }
}

async function show(id) {
  try {
    await detail.open(id);
  } catch (error) {
    if (!signedOut(error)) toast(error.sentence ?? String(error), true);
  }
  refresh();
}

function choose(ids, on) {
  for (const id of ids) {
    if (on) chosen.add(id);
    else chosen.delete(id);
  }
  refresh();
}

function chooseAll(status) {
  const ids = [...orders.values()].filter((order) => order.status === status).map((order) => order.id);
  choose(ids, !ids.every((id) => chosen.has(id)));
}

function drawBatch() {
  const bar = byId('batch');
  bar.hidden = chosen.size === 0;
  const statuses = [...new Set([...chosen].map((id) => orders.get(id).status))];
  const stamp = `${chosen.size}/${statuses}`;
  if (bar.dataset.stamp === stamp) return;
  bar.dataset.stamp = stamp;
  const deeds = statuses.length === 1 ? BATCH[statuses[0]] : [];
  bar.replaceChildren(
    el('strong', {}, `${chosen.size} selected`),
    ...deeds.map((action, at) => el('button', { class: at ? 'button' : 'button main', data: { batch: action }, onclick: () => many(action) }, BATCH_WORD[action])),
    deeds.length ? '' : el('span', { class: 'soft' }, 'Select orders of one column'),
    el('button', { class: 'button', onclick: () => choose([...chosen], false) }, 'Clear'));
}

async function many(action) {
  const ids = [...chosen];
  try {
    const results = await call('POST', `${base}/orders/batch`, { body: { ids, action } });
    const failed = results.filter((result) => !result.ok);
    toast(`${results.length - failed.length} of ${results.length} orders: ${BATCH_WORD[action].toLowerCase()}.`);
    for (const { id, problem } of failed.slice(0, 3)) {
      toast(`${orders.get(id)?.code ?? id}: ${new Problem(problem.status, problem).sentence}`, true);
    }
    // Picked orders stay selected, to be packed next.
    if (action !== 'pick') chosen.clear();
  } catch (error) {
    if (!signedOut(error)) toast(error.sentence ?? String(error), true);
  }
  refresh();
}

function begin() {
  const { role, sub } = tokenClaims();
  byId('who').textContent = [...new Set([role, sub])].filter(Boolean).join(' · ');
  byId('sign-out').addEventListener('click', () => signOut('staff', 'You are signed out.'));
  let timer;
  byId('search').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, SEARCH_AFTER_MS);
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && detail.id && !document.querySelector('dialog[open]')) detail.close();
    if (event.key === '/' && !event.target.matches('input, textarea, select')) {
      event.preventDefault();
      byId('search').focus();
    }
  });
  pause = new PauseSwitch({ path: `${base}/pause`, refresh, signedOut, zone });
  poll(EVERY_MS, refresh);
}

if (findToken('staff')) begin();
else signIn('staff');
