// Placing an order, and what is shown once it is placed.

import { Problem, Unreachable, byId, call, el, poll, totalsList } from './base.js';

const WAIT_FOR_POS_MS = 3000;
const TRY_AGAIN_MS = 3000;
const FOLLOW_MS = 2000;
const LEAVE_AFTER_MS = 60000;

const SENTENCE = {
  VERIFICATION_PENDING: 'Please see a staff member with your ID.',
  AWAITING_PROCESSING: 'We have your order.',
  IN_PROCESS: 'Your order is being packed.',
  PACKED_READY: 'Your order is ready. Please come to the counter.',
  OUT_FOR_DELIVERY: 'Your order is on its way.',
  COMPLETED: 'Enjoy. Thank you for your visit.',
  CANCELED: 'This order was cancelled. Please ask at the counter.',
};

// `crypto.randomUUID` is missing where a kiosk reaches its store over plain HTTP.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class Placing {
  constructor(page) {
    this.page = page;
    this.slot = `placing:${page.subject}`;
    this.busy = false;
  }

  // Sends an order under a new key. The key and the order are kept until the store has answered, so that a repeat
  // after a lost connection, or after a reload, can never make a second order.
  place(body) {
    if (this.busy) return;
    const pending = { key: newKey(), body };
    sessionStorage.setItem(this.slot, JSON.stringify(pending));
    this.send(pending);
  }

  // Goes on with an order whose answer never came.
  resume() {
    const kept = sessionStorage.getItem(this.slot);
    if (!kept) return;
    this.page.show('review');
    this.send(JSON.parse(kept));
  }

  async send(pending) {
    this.working(true);
    try {
      const order = await call('POST', `${this.page.base}/orders?wait_ms=${WAIT_FOR_POS_MS}`, {
        body: pending.body, headers: { 'Idempotency-Key': pending.key },
      });
      this.answered();
      this.confirm(order);
    } catch (error) {
      const unsure = error instanceof Unreachable
        || (error instanceof Problem && (error.status >= 500 || error.status === 429 || error.status === 408));
      if (unsure) {
        this.tell(`${error.sentence} Your order is kept and sent again by itself. Please wait…`);
        setTimeout(() => this.send(pending), TRY_AGAIN_MS);
        return;
      }
      // Without a good token it was not even read: kept for after the sign-in.
      if (this.page.signedOut(error)) return;
      this.answered();
      if (error instanceof Problem) this.page.refused(error);
      else this.tell(String(error));
    }
  }

  answered() {
    sessionStorage.removeItem(this.slot);
    this.working(false);
  }

  working(busy) {
    this.busy = busy;
    byId('submit').textContent = busy ? 'Placing your order…' : 'Place order';
    document.querySelector('#review-screen section').inert = busy;
    for (const control of byId('customer').querySelectorAll('input, select, textarea')) control.disabled = busy;
    byId('start-over').disabled = busy;
    this.page.drawBar();
  }

  tell(text) {
    byId('submit-error').textContent = text;
    byId('submit-error').hidden = false;
  }

  confirm(order) {
    const state = el('p', { class: 'state', id: 'state', role: 'status' });
    const sums = el('div');
    const address = `${location.origin}/track/${order.code}`;
    const name = el('h2', { tabIndex: -1 }, 'Thank you');
    byId('done-screen').replaceChildren(
      name,
      el('p', {}, 'Your pick-up code'),
      el('p', { class: 'code big', id: 'code' }, order.code),
      state, sums,
      el('p', { class: 'soft' }, 'Follow your order at ', el('span', { class: 'wrap' }, address)),
      el('button', { class: 'button main large', id: 'new-order', onclick: () => this.leave() }, 'New order'));
    const taxIncluded = order.items.some((item) => item.tax_included);
    const draw = (now) => {
      name.textContent = `Thank you, ${now.called ?? order.customer.first_name}`;
      state.textContent = now.staff_will_help
        ? 'We have your order. Staff will help you at the counter.' : SENTENCE[now.status] ?? now.status;
      sums.replaceChildren(totalsList(now.totals, 'To pay at the counter', taxIncluded));
    };
    draw(order);
    this.page.startOver();
    this.page.show('done');
    this.stop = poll(FOLLOW_MS, async () => draw(await call('GET', `/api/v1/track/${encodeURIComponent(order.code)}`)));
    this.timer = setTimeout(() => this.leave(), LEAVE_AFTER_MS);
  }

  leave() {
    this.stop?.();
    clearTimeout(this.timer);
    this.page.startOver();
  }
}
