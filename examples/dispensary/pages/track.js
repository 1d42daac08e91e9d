// The customer's page: how far the order is.

import { Problem, byId, call, clock, el, money, poll, quantity, reconcile, subject, totalsList } from './base.js';
import { REASON, say } from './words.js';

const EVERY_MS = 3000;
const STEPS = [
  ['Received', ['VERIFICATION_PENDING', 'AWAITING_PROCESSING']],
  ['Packing', ['IN_PROCESS']],
  ['Ready', ['PACKED_READY', 'OUT_FOR_DELIVERY']],
  ['Picked up', ['COMPLETED']],
];
const SENTENCE = {
  VERIFICATION_PENDING: 'Please show your ID to a staff member.',
  AWAITING_PROCESSING: 'We have your order and start on it soon.',
  IN_PROCESS: 'We are packing your order.',
  PACKED_READY: 'Ready. Bring your ID and this code to the counter.',
  OUT_FOR_DELIVERY: 'Your order is on its way.',
  COMPLETED: 'Picked up. Thank you for your visit.',
  CANCELED: 'This order was cancelled.',
  REMOVED: 'This order is closed.',
};
const ENDED = ['COMPLETED', 'CANCELED', 'REMOVED'];
const PICK = { short: 'less than ordered', substituted: 'something else instead', removed: 'taken off' };

let drawn;

function draw(order) {
  byId('fresh').textContent = ENDED.includes(order.status) ? '' : `Updated ${clock(new Date())}. This page keeps itself up to date.`;
  const stamp = JSON.stringify(order);
  if (stamp === drawn) return;
  drawn = stamp;
  document.title = `Order ${order.code}`;
  byId('hello').textContent = `Order for ${order.called}`;
  byId('code').textContent = order.code;
  byId('state').textContent = SENTENCE[order.status] ?? order.status;
  byId('state').dataset.status = order.status;
  const at = STEPS.findIndex(([, statuses]) => statuses.includes(order.status));
  byId('steps').hidden = at < 0;
  byId('steps').replaceChildren(...STEPS.map(([name], step) => (
    el('li', { class: step < at ? 'done' : '', 'aria-current': step === at ? 'step' : undefined }, name))));
  const help = byId('help');
  help.hidden = !order.staff_will_help && !(order.status === 'CANCELED' && order.reason);
  help.textContent = order.staff_will_help
    ? 'Something needs a hand. Staff know and will help you at the counter.' : `Reason: ${say(REASON, order.reason)}.`;
  byId('what').hidden = false;
  const lines = order.items.map((item, index) => ({ ...item, index }));
  reconcile(byId('items'), lines, (item) => item.index, JSON.stringify, (item) => (
    el('li', { class: item.pick === 'removed' ? 'gone' : '' },
      el('span', { class: 'num' }, `${quantity(item.quantity)} ×`),
      el('span', { class: 'wrap' }, item.name, item.size && el('span', { class: 'soft' }, ` · ${item.size}`),
        PICK[item.pick] && el('span', { class: 'chip warn' }, PICK[item.pick])),
      el('span', { class: 'money' }, money(item.line_total, order.totals.currency)))));
  byId('sums').replaceChildren(totalsList(order.totals, order.payment === 'paid' ? 'Paid' : 'To pay at the counter'));
}

const stop = poll(EVERY_MS, async () => {
  try {
    const order = await call('GET', `/api/v1/track/${encodeURIComponent(subject)}`);
    draw(order);
    if (order.status === 'COMPLETED' || order.status === 'REMOVED') stop();
  } catch (error) {
    if (error instanceof Problem && error.status === 404) {
      byId('code').textContent = subject.slice(0, 20);
      byId('state').textContent = 'There is no order with this code. Please check it, or ask at the counter.';
      stop();
    } else if (!drawn) {
      byId('state').textContent = 'The store cannot be reached. Trying again…';
    } else {
      byId('fresh').textContent = 'No connection right now. Trying again…';
    }
  }
});
