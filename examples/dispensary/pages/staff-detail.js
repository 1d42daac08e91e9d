// One order in full: lines, sums here and at the POS, what may be done next, what happened.

import { age, byId, call, called, clock, el, keepFocus, money, quantity, tokenClaims, when } from './base.js';
import { ask, toast } from './staff-ask.js';
import { ACTION, PICK, POS, REASON, STATUS, WARNING, needsPerson, plain, say, trouble } from './words.js';

// In the order in which they are offered.
const FORWARD = ['verify', 'start', 'pick', 'pack', 'dispatch', 'complete', 'reopen'];
const ASIDE = ['mark_paid', 'mark_printed', 'release', 'unpack', 'return'];
const ENDING = ['reject', 'cancel', 'remove'];
// What can still be linked or entered by hand, because the POS has not confirmed it.
const UNCONFIRMED = ['queued', 'unknown', 'retrying', 'rejected', 'attention', 'cancel_failed'];

// Where picking may begin.
const POS_READY = ['not_required', 'accepted', 'update_pending', 'manual'];

const RESIDENCY = { resident: 'in this state', visitor: 'elsewhere' };
const path = (order, rest = '') => `/api/v1/orders/${order.id}${rest}`;

const answersForIt = () => ['manager', 'admin'].includes(tokenClaims().role);

// Whether only the store's own limits stand against it, which somebody who answers for it may let pass.
const maybePassed = (errors) => errors.length > 0 && errors.every(({ code }) => code === 'limit_exceeded_soft');

// Asks what an action needs. Nothing means: put away.
async function questions(order, { action, need }) {
  const fields = [];
  if (action === 'complete') {
    fields.push({ name: 'id_checked', type: 'checkbox', label: 'I have seen the customer’s ID', required: true });
  }
  // Without the POS, only somebody who answers for it may start, and says why.
  const forced = action === 'start' && !POS_READY.includes(order.pos.state) && answersForIt();
  if (need !== 'nothing' || forced) fields.push({ name: 'reason', label: 'Reason', options: REASON, required: true });
  if (need !== 'nothing' || forced) {
    fields.push({ name: 'note', label: 'Note', type: 'textarea', required: need === 'reason_and_note' });
  }
  if (!fields.length && !ENDING.includes(action)) return {};
  return ask({
    title: `${say(ACTION, action)} · ${order.code}`,
    text: action === 'complete' ? `${called(order.customer)}, ${money(order.totals.total, order.totals.currency)}, ${order.payment}` : undefined,
    fields,
    submit: say(ACTION, action),
    danger: ENDING.includes(action),
  });
}

export class Detail {
  // `refresh` reads the board anew, `signedOut` deals with an expired token.
  constructor({ refresh, signedOut, zone }) {
    Object.assign(this, { refresh, signedOut, zone });
    this.id = undefined;
    this.busy = false;
  }

  async open(id) {
    this.id = id;
    this.drawn = undefined;
    byId('desk').classList.add('open');
    byId('detail').hidden = false;
    await this.load();
    byId('detail').querySelector('.close')?.focus({ preventScroll: true });
  }

  close() {
    this.id = undefined;
    byId('detail').hidden = true;
    byId('detail').replaceChildren();
    byId('desk').classList.remove('open');
    this.refresh();
  }

  // Reads the order again; draws only when it changed.
  async load() {
    const { id } = this;
    if (!id) return;
    const order = await call('GET', `/api/v1/orders/${id}`);
    if (this.id !== id || this.drawn === order.revision) return;
    const history = await call('GET', `/api/v1/orders/${id}/history`);
    if (this.id !== id) return;
    this.draw(order, history);
    this.drawn = order.revision;
  }

  // Does something to an order and shows what became of it. A refusal is told in the server's words, unless
  // `instead` takes it.
  async attempt(deed, done, instead = () => false) {
    if (this.busy) return;
    this.busy = true;
    try {
      const order = await deed();
      toast(typeof done === 'function' ? done(order) : done);
    } catch (error) {
      if (this.signedOut(error) || instead(error)) return;
      const stale = error.kind === '/problems/stale-version';
      toast(stale
        ? 'Somebody else changed this order meanwhile. This is the newest state: please look again.'
        : error.sentence ?? String(error), true);
    } finally {
      this.busy = false;
      await this.load().catch(() => {});
      this.refresh();
    }
  }

  async act(order, next, extra = {}) {
    const answers = await questions(order, next);
    if (!answers) return;
    const body = { action: next.action, version: order.version, ...answers, ...extra };
    const done = (after) => (next.action === 'cancel' && after.status !== 'CANCELED'
      ? `${order.code}: a manager has been asked to cancel.` : `${order.code}: ${say(STATUS, after.status)}.`);
    let over;
    await this.attempt(() => call('POST', path(order, '/actions'), { body }), done, ({ errors = [] }) => {
      if (!maybePassed(errors)) return false;
      over = errors.map(({ message }) => message).join('; ');
      return true;
    });
    if (over) await this.letPass(order, body, over, done);
  }

  // The store's own limits stand against it: whoever answers for it may let it pass, and says why.
  async letPass(order, body, over, done) {
    if (!answersForIt()) {
      toast(`${order.code}: ${over}. Only a manager can let it pass.`, true);
      return;
    }
    const answers = await ask({
      title: `Over a limit of the store · ${order.code}`,
      text: over,
      fields: [{ name: 'note', label: 'Why it may pass', type: 'textarea', required: true, value: body.note }],
      submit: 'Let it pass',
      danger: true,
    });
    if (!answers) return;
    await this.attempt(() => call('POST', path(order, '/actions'), { body: { ...body, ...answers, override: true } }), done);
  }

  async short(order, item) {
    const byGram = typeof item.quantity === 'object';
    const ordered = Number(byGram ? item.quantity.grams : item.quantity);
    const answers = await ask({
      title: `How much is there of ${item.name}?`,
      text: `Ordered: ${quantity(item.quantity)}.`,
      fields: [{
        name: 'supplied', label: byGram ? 'Grams found' : 'Units found', type: 'number', required: true, min: 0, max: byGram ? ordered : ordered - 1, step: byGram ? 'any' : 1,
      }],
      submit: 'Mark as short',
    });
    if (!answers) return;
    const supplied = byGram ? { grams: answers.supplied } : Number(answers.supplied);
    await this.pick(order, item, { pick: 'short', supplied });
  }

  pick(order, item, pick) {
    return this.act(order, { action: 'pick', need: 'nothing' }, { lines: [{ line: item.id, ...pick }] });
  }

  retry(order) {
    return this.attempt(() => call('POST', path(order, '/pos'), { body: { action: 'retry' } }), `${order.code}: trying the POS again.`);
  }

  async link(order) {
    const answers = await ask({
      title: `Link ${order.code} to an order in the POS`,
      text: 'For an order that is in the POS already, so that it is not placed twice.',
      fields: [{ name: 'id', label: 'Order id in the POS', required: true }, { name: 'number', label: 'Order number in the POS' }],
      submit: 'Link',
    });
    if (answers) await this.attempt(() => call('POST', path(order, '/pos'), { body: { action: 'link', ...answers } }), `${order.code}: linked.`);
  }

  async manual(order) {
    const answers = await ask({
      title: `${order.code} was entered into the POS by hand`,
      text: 'From here on the order is worked without hearing from the POS.',
      fields: [{ name: 'number', label: 'Order number in the POS', required: true }, { name: 'note', label: 'Note', type: 'textarea' }],
      submit: 'Entered by hand',
    });
    if (answers) await this.attempt(() => call('POST', path(order, '/pos'), { body: { action: 'manual', ...answers } }), `${order.code}: noted.`);
  }

  // The buttons that mend the POS side.
  posDeeds(order, small = true) {
    const kind = small ? 'button small' : 'button';
    const open = ['COMPLETED', 'CANCELED', 'REMOVED'].includes(order.status) === false;
    return [
      (order.pos.attention || order.pos.state === 'cancel_failed') && el('button', { class: `${kind} main`, data: { focus: 'retry' }, onclick: () => this.retry(order) }, 'Retry'),
      open && UNCONFIRMED.includes(order.pos.state) && el('button', { class: kind, data: { focus: 'link' }, onclick: () => this.link(order) }, 'Link…'),
      open && UNCONFIRMED.includes(order.pos.state) && el('button', { class: kind, data: { focus: 'manual' }, onclick: () => this.manual(order) }, 'By hand…'),
    ].filter(Boolean);
  }

  draw(order, history) {
    const panel = byId('detail');
    const scrolled = this.drawn === undefined ? 0 : panel.querySelector('.body')?.scrollTop ?? 0;
    const body = el('div', { class: 'body' },
      this.alarmOf(order), this.warningsOf(order), this.noteOf(order), this.linesOf(order), this.sumsOf(order),
      this.posOf(order), this.peopleOf(order), this.overridesOf(order), this.timelineOf(order, history));
    keepFocus(panel, () => panel.replaceChildren(this.headerOf(order), body, this.actionsOf(order)), panel);
    body.scrollTop = scrolled;
  }

  headerOf(order) {
    const chips = [
      el('span', { class: 'chip info', id: 'detail-status' }, say(STATUS, order.status)),
      el('span', { class: needsPerson(order) ? 'chip bad' : 'chip' }, say(POS, order.pos.state)),
      el('span', { class: order.payment === 'paid' ? 'chip good' : 'chip' }, order.payment),
      order.customer.type !== 'adult' && el('span', { class: 'chip info' }, order.customer.type),
      order.fulfillment.pickup_at && el('span', { class: 'chip info num' }, `for ${when(order.fulfillment.pickup_at, this.zone())}`),
      order.fulfillment.type === 'delivery' && el('span', { class: 'chip warn' }, 'delivery'),
    ];
    return el('header', {},
      el('div', {}, el('h2', { class: 'code' }, order.code), el('p', { class: 'wrap' }, called(order.customer))),
      el('button', { class: 'button small close', 'aria-label': 'Close', data: { focus: 'close' }, onclick: () => this.close() }, '✕'),
      el('div', { class: 'chips' }, chips));
  }

  alarmOf(order) {
    if (!needsPerson(order)) return null;
    const { title, details } = trouble(order);
    return el('section', {}, el('div', { class: 'banner bad' },
      el('strong', {}, title), details.map((text) => el('p', { class: 'wrap' }, text))));
  }

  warningsOf(order) {
    const warnings = order.warnings ?? [];
    return warnings.length ? el('section', {}, el('div', { class: 'banner' },
      warnings.map((word) => el('p', {}, WARNING[word]?.[1] ?? plain(word))))) : null;
  }

  noteOf(order) {
    return order.note ? el('section', {}, el('p', { class: 'note wrap' }, order.note)) : null;
  }

  linesOf(order) {
    const may = order.actions.some(({ action }) => action === 'pick');
    const line = (item) => {
      const title = [item.substitute && item.pick === 'substituted' ? item.substitute.name : item.name, item.size].filter(Boolean).join(' · ');
      const button = (text, name, onclick) => el('button', { class: 'button small', data: { focus: `${name} ${item.id}` }, onclick }, text);
      const settled = item.pick !== 'open';
      return el('li', { class: `item ${settled ? 'settled' : ''} ${item.pick}` },
        el('span', { class: 'count num' }, `${quantity(item.quantity)} ×`),
        el('span', { class: 'title wrap' }, title),
        el('span', { class: 'money' }, money(item.line_total, order.totals.currency)),
        (settled || may) && el('div', { class: 'deeds' },
          settled && el('span', { class: item.pick === 'short' ? 'chip warn' : 'chip good' },
            say(PICK, item.pick), item.supplied !== undefined && `, ${quantity(item.supplied)} found`),
          may && !settled && button('Picked', 'picked', () => this.pick(order, item, { pick: 'picked' })),
          may && !settled && button('Short…', 'short', () => this.short(order, item)),
          may && settled && button('Undo', 'undo', () => this.pick(order, item, { pick: 'open' }))));
    };
    return el('section', {}, el('h3', {}, `${order.items.length} ${order.items.length === 1 ? 'line' : 'lines'}`), el('ul', {}, order.items.map(line)));
  }

  sumsOf(order) {
    const theirs = order.pos.totals;
    const row = (name, field, kind = '') => {
      const differs = theirs && Number(theirs[field]) !== Number(order.totals[field]);
      return el('tr', { class: `${kind} ${differs ? 'differs' : ''}` },
        el('th', { scope: 'row' }, name),
        el('td', { class: 'money' }, money(order.totals[field], order.totals.currency)),
        theirs && el('td', { class: 'money' }, money(theirs[field], theirs.currency)));
    };
    const differences = order.pos.differences ?? [];
    const taxIncluded = order.items.some((item) => item.tax_included);
    return el('section', {}, el('h3', {}, 'Sums'),
      el('table', {},
        theirs && el('thead', {}, el('tr', {}, el('td'), el('th', { class: 'money', scope: 'col' }, 'Ours'), el('th', { class: 'money', scope: 'col' }, 'POS'))),
        el('tbody', {}, row(taxIncluded ? 'Before tax' : 'Subtotal', 'subtotal'), row('Discount', 'discount'), row(taxIncluded ? 'Tax (in the prices)' : 'Tax', 'tax'), row('Total', 'total', 'grand'))),
      differences.length > 0 && el('div', { class: 'banner' }, el('strong', {}, 'The POS differs'),
        el('ul', {}, differences.map(({ field, ours, theirs: there }) => el('li', { class: 'wrap' }, `${plain(field)}: ours ${ours}, POS ${there}`)))));
  }

  posOf(order) {
    const { vendor, number, id, status, tries, pending } = order.pos;
    const facts = [
      ['State', say(POS, order.pos.state)], ['POS', vendor], ['Number', number], ['Id', id], ['Its word', status],
      ['Tries', tries], ['Changes to send', pending],
    ].filter(([, value]) => value !== undefined);
    const deeds = this.posDeeds(order);
    return el('section', {}, el('h3', {}, 'Point of sale'), factsList(facts), deeds.length > 0 && el('p', { class: 'deeds' }, deeds));
  }

  peopleOf(order) {
    const { customer } = order;
    const card = customer.medical_card;
    const facts = [
      ['Name', called(customer)], ['Phone', customer.phone], ['E-mail', customer.email], ['Born', customer.birth_date],
      ['Medical card', card?.number], ['Card valid until', card?.expires_on], ['Lives', RESIDENCY[customer.residency]],
      ['Wanted for', order.fulfillment.pickup_at && when(order.fulfillment.pickup_at, this.zone())],
      ['Coupon', order.discount_code], ['Kiosk', order.kiosk], ['Picker', order.picker],
      ['ID seen by', order.id_check?.by], ['Reason', order.reason && say(REASON, order.reason)],
      ['Placed', `${clock(order.created_at, this.zone())} (${age(order.created_at)})`],
    ].filter(([, value]) => value !== undefined);
    return el('section', {}, el('h3', {}, 'Customer'), factsList(facts));
  }

  overridesOf(order) {
    const overrides = order.overrides ?? [];
    if (!overrides.length) return null;
    const entry = ({ rules, by, at, note }) => el('li', { class: 'wrap' },
      el('strong', {}, rules.join(', ')), el('span', { class: 'soft' }, ` · ${by}, ${when(at, this.zone())}`), el('p', {}, `“${note}”`));
    return el('section', {}, el('h3', {}, 'Limits let pass'), el('ul', { class: 'passed' }, overrides.map(entry)));
  }

  timelineOf(order, history) {
    const entry = (one) => el('li', {},
      el('time', { dateTime: one.at }, clock(one.at, this.zone())),
      el('div', { class: 'wrap' },
        el('strong', {}, sentenceOf(one)), el('span', { class: 'soft' }, ` · ${[...new Set([one.actor.role, one.actor.id])].join(' ')}`),
        one.reason && el('p', {}, say(REASON, one.reason)), one.note && el('p', {}, `“${one.note}”`)));
    return el('section', {}, el('h3', {}, 'Timeline'), el('ol', { class: 'timeline' }, history.toReversed().map(entry)));
  }

  actionsOf(order) {
    const offered = new Map(order.actions.map((next) => [next.action, next]));
    const open = order.items.some((item) => item.pick === 'open');
    if (!open) offered.delete('pick');
    if (order.payment === 'paid') offered.delete('mark_paid');
    if (order.printed) offered.delete('mark_printed');
    // An early hand-over is an exception, and no main button.
    const early = offered.get('complete')?.need !== 'nothing';
    const button = (name, kind) => {
      const next = offered.get(name);
      if (!next) return null;
      const waits = name === 'pack' && open;
      return el('button', {
        class: `button ${kind}`, data: { focus: name, action: name }, disabled: waits,
        title: waits ? 'Settle every line first' : undefined, onclick: () => this.act(order, next),
      }, say(ACTION, name), next.need !== 'nothing' && '…');
    };
    const main = FORWARD.filter((name) => !(early && name === 'complete'));
    const first = main.find((name) => offered.has(name));
    const buttons = [
      ...main.map((name) => button(name, name === first ? 'main' : '')),
      early && button('complete', 'small'),
      ...ASIDE.map((name) => button(name, 'small')),
      ...ENDING.map((name) => button(name, 'small danger')),
    ].filter(Boolean);
    return buttons.length ? el('div', { class: 'actions' }, buttons) : '';
  }
}

const factsList = (facts) => el('dl', { class: 'facts' }, facts.map(([name, value]) => [el('dt', {}, name), el('dd', { class: 'wrap' }, String(value))]));

function sentenceOf(entry) {
  if (entry.event === 'limit_overridden') return `Let pass over a limit of the store: ${(entry.data?.rules ?? []).join(', ')}`;
  const event = plain(entry.event);
  const text = (event.charAt(0).toUpperCase() + event.slice(1)).replace(/^Pos /, 'POS: ');
  if (entry.data?.kind && entry.data?.audience) return `${text}: ${plain(entry.data.kind)}, ${entry.data.audience} by ${entry.data.channel}`;
  return entry.to && STATUS[entry.to] ? `${text} → ${STATUS[entry.to]}` : text;
}
