// What the store's rules say about a basket: which problem is shown where, and how much of each limit is used.

import { el } from './base.js';
import { capital, plain } from './words.js';

// Said before the server's own words, where a plain refusal would be unkind.
const KINDLY = {
  open_order_exists: 'Welcome back!',
  store_paused: 'We are taking a short break.',
  store_closed: 'Sorry, not right now.',
  past_cut_off: 'Sorry, not any more today.',
  too_many_orders: 'One moment, please.',
  customer_banned: 'We cannot take this order here.',
};

// The server asks a page to ask; a customer is asked.
const INSTEAD = { price_changed: 'The total has changed since you saw it.' };

const sentence = (text) => (/[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);

export function inWords({ code, message }) {
  // Limits of the register are named in its own words.
  const text = code === 'limit_exceeded_pos' ? message.replaceAll('_', ' ') : message;
  return INSTEAD[code] ?? [KINDLY[code], sentence(text)].filter(Boolean).join(' ');
}

const isAboutCustomer = ({ path }) => path === 'customer' || path.startsWith('customer.');

// Parts what stands against a basket: by line, about the basket as a whole, about who orders. `keys` names the lines
// as they were sent, because the basket may have changed since.
export function sortOut(errors, keys) {
  const found = { lines: new Map(), basket: [], customer: [] };
  for (const error of errors) {
    const key = keys[error.path.match(/^items\.(\d+)(\.|$)/)?.[1]];
    if (isAboutCustomer(error)) found.customer.push(error);
    else if (key !== undefined) found.lines.set(key, [...(found.lines.get(key) ?? []), error.message]);
    else found.basket.push(error);
  }
  return found;
}

export const nothingWrong = () => sortOut([], []);

export const isOver = (limit) => Number(limit.used) > Number(limit.allowed);

const share = ({ used, allowed }) => (Number(allowed) > 0 ? Number(used) / Number(allowed) : Infinity);

// The limits that this basket touches, the fullest first.
export const touched = (limits) => limits.filter((limit) => Number(limit.used) > 0).sort((a, b) => share(b) - share(a));

const measured = (amount, { unit }) => (unit && unit !== 'units' ? `${amount} ${unit}` : amount);

// What may still be added, in the server's words where it has any.
function room(limit) {
  if (isOver(limit)) return 'Over the purchase limit';
  if (limit.advice) return capital(limit.advice);
  return Number(limit.left) > 0 ? `${measured(limit.left, limit)} left` : 'Used up';
}

const nameOf = ({ source, name }) => capital(source === 'pos' ? plain(name) : name);

// The same where the limit's name does not stand beside it.
export const roomAlone = (limit) => (limit.advice ? room(limit) : `${nameOf(limit)}: ${room(limit)}`);

export function limitRow(limit) {
  const over = isOver(limit);
  const name = nameOf(limit);
  return el('li', { class: over ? 'limit over' : 'limit' },
    el('span', { class: 'wrap' }, name),
    el('span', { class: 'num' }, `${limit.used} of ${measured(limit.allowed, limit)}`),
    el('progress', { 'aria-label': name, max: 100, value: Math.min(share(limit), 1) * 100 }),
    el('span', { class: over ? 'room error' : 'room soft' }, room(limit)));
}
