// The kiosk: menu, basket, live price, customer. Placing the order is in kiosk-order.js.

import {
  Problem, byId, call, el, findToken, money, poll, reconcile, signIn, signOut, subject, totalsList, when,
} from './base.js';
import { Placing } from './kiosk-order.js';
import { inWords, isOver, limitRow, nothingWrong, roomAlone, sortOut, touched } from './kiosk-rules.js';
import { category } from './words.js';

const MENU_EVERY_MS = 30000;
const QUOTE_AFTER_MS = 200;
const IDLE_MS = 120000;
const IDLE_GRACE_S = 20;
const FEW = 5;
// How full a limit is before the menu says what still fits.
const NEARLY_FULL = 0.6;
const MENU_ORDER = ['flower', 'pre', 'vap', 'cart', 'concentrate', 'extract', 'edible', 'bev', 'tinct', 'caps', 'topical'];

const base = `/api/v1/stores/${encodeURIComponent(subject)}`;
const basket = new Map();
let menu = { products: [], currency: 'USD', store: {} };
let drawn = '';
let quote;
// What the store could not be asked, in words.
let silence = '';
let wrong = nothingWrong();
// The total that the customer saw last.
let shownTotal;
// Whether the customer has said who they are, by trying to place the order.
let introduced = false;
let asking;
let quoteTimer;
let screen = 'menu';

// One entry per size: a product without sizes is its own only size, and products that differ in size only are
// shown as one.
function offers() {
  return menu.products.flatMap((product) => {
    const one = (variant) => ({
      key: `${product.id}|${variant?.id ?? ''}`,
      product,
      variant,
      size: variant?.size ?? product.size ?? '',
      price: variant?.price ?? product.price,
      stock: variant ? variant.stock : product.stock,
      byGram: product.sold_by === 'gram',
    });
    return product.variants?.length ? product.variants.map(one) : [one()];
  });
}

const left = (offer) => (offer.stock ? Number(offer.stock.quantity) : Infinity);
const count = (offer) => basket.get(offer.key)?.quantity ?? 0;

function change(offer, by) {
  const quantity = count(offer) + by;
  if (quantity <= 0) basket.delete(offer.key);
  else basket.set(offer.key, { offer, quantity });
  clearErrors();
  draw();
  askQuote();
}

function amount(offer) {
  const name = `${offer.product.name} ${offer.size}`.trim();
  const has = count(offer);
  return el('span', { class: 'amount' },
    has > 0 && el('button', {
      type: 'button', class: 'less', 'aria-label': `One ${name} less`, data: { focus: `less ${offer.key}` }, onclick: () => change(offer, -1),
    }, '−'),
    has > 0 && el('output', { class: 'num' }, offer.byGram ? `${has} g` : String(has)),
    el('button', {
      type: 'button', class: 'more', 'aria-label': `Add ${name}`, data: { focus: `more ${offer.key}` },
      disabled: has + 1 > left(offer), onclick: () => change(offer, 1),
    }, '+'));
}

function stockHint(offer) {
  const stock = left(offer);
  if (stock <= 0) return el('span', { class: 'left soft' }, 'Sold out');
  if (stock <= FEW) return el('span', { class: 'left error' }, `Only ${stock} left`);
  return el('span', { class: 'left soft num' }, stock === Infinity ? '' : `${stock} in stock`);
}

function sizeRow(offer) {
  return el('div', { class: left(offer) <= 0 ? 'size out' : 'size', data: { sku: offer.key } },
    el('div', {}, el('strong', {}, offer.size || (offer.byGram ? 'per gram' : 'each')), el('br'), stockHint(offer)),
    el('span', { class: 'price money' }, money(offer.price, menu.currency)),
    amount(offer));
}

const rowStamp = (offer) => [offer.price, offer.stock?.quantity, count(offer), offer.size].join('/');

function productCard({ name, brand, medical, offers: sizes }) {
  const rows = el('div');
  reconcile(rows, sizes, (offer) => offer.key, rowStamp, sizeRow);
  const thc = sizes.map((offer) => Number(offer.product.thc_mg ?? 0)).filter((mg) => mg > 0);
  const range = thc.length ? [...new Set([Math.min(...thc), Math.max(...thc)])].join('–') : '';
  return el('article', { class: 'product' },
    el('h3', { class: 'wrap' }, name),
    brand && el('p', { class: 'soft' }, brand),
    el('div', { class: 'tags' },
      range && el('span', { class: 'chip' }, `THC ${range} mg`),
      medical && el('span', { class: 'chip info' }, 'Medical card only')),
    rows);
}

function grouped() {
  const categories = new Map();
  for (const offer of offers()) {
    const { product } = offer;
    const groups = categories.get(product.category) ?? new Map();
    categories.set(product.category, groups);
    const key = `${product.brand ?? ''}|${product.name}|${product.medical_only}`;
    const group = groups.get(key) ?? { key, name: product.name, brand: product.brand, medical: product.medical_only, offers: [] };
    group.offers.push(offer);
    groups.set(key, group);
  }
  const byName = (a, b) => a.name.localeCompare(b.name);
  // The usual order of a menu; a category without a usual place comes after, by name.
  const place = (word) => (MENU_ORDER.findIndex((start) => word.toLowerCase().startsWith(start)) + 1) || MENU_ORDER.length + 1;
  return [...categories].sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b)).map(([word, groups]) => ({
    word,
    groups: [...groups.values()].sort(byName).map((group) => (
      { ...group, offers: group.offers.sort((a, b) => Number(a.price) - Number(b.price)) })),
  }));
}

function drawMenu() {
  const categories = grouped();
  const stampOf = (group) => group.offers.map((offer) => `${offer.key}/${rowStamp(offer)}`).join();
  const stamp = categories.map((one) => one.word + one.groups.map(stampOf)).join();
  if (stamp === drawn) return;
  drawn = stamp;
  byId('menu').ariaBusy = 'false';
  byId('menu').querySelector('.waiting')?.remove();
  reconcile(byId('categories'), categories, (one) => one.word, () => 1, ({ word }) => (
    el('a', { href: `#c-${word}`, onclick: (event) => jump(event, word) }, category(word))));
  reconcile(byId('menu'), categories, (one) => one.word, () => 1, ({ word }) => (
    el('section', { class: 'category', id: `c-${word}` }, el('h2', {}, category(word)), el('div', { class: 'grid' }))));
  for (const { word, groups } of categories) {
    reconcile(byId(`c-${word}`).querySelector('.grid'), groups, (group) => group.key, stampOf, productCard);
  }
  if (categories.length === 0) {
    byId('menu').replaceChildren(el('p', { class: 'soft waiting' }, 'Nothing is for sale right now. Please ask at the counter.'));
  }
  markCategory();
}

function jump(event, word) {
  // The fragment stays as it is: it belongs to the sign-in.
  event.preventDefault();
  byId(`c-${word}`).scrollIntoView({ behavior: 'smooth' });
}

function markCategory() {
  if (screen !== 'menu') return;
  const sections = [...document.querySelectorAll('.category')];
  const current = sections.filter((section) => section.getBoundingClientRect().top < 160).pop() ?? sections[0];
  for (const link of byId('categories').children) {
    const here = current?.id === `c-${link.dataset.key}`;
    if (here && !link.ariaCurrent) link.scrollIntoView({ block: 'nearest', inline: 'center' });
    link.ariaCurrent = here ? 'true' : null;
  }
}

function drawLines() {
  const lines = [...basket.values()].map((line) => ({ ...line, error: (wrong.lines.get(line.offer.key) ?? []).join('; ') }));
  const row = ({ offer, error }) => el('li', { class: error ? 'line bad' : 'line' },
    el('div', {},
      el('strong', { class: 'wrap' }, offer.product.name),
      el('span', { class: 'soft' }, [offer.size, money(offer.price, menu.currency)].filter(Boolean).join(' · '))),
    amount(offer),
    error && el('p', { class: 'error' }, error));
  reconcile(byId('lines'), lines, (line) => line.offer.key, (line) => `${line.quantity}/${line.error}/${line.offer.price}`, row);
}

// Says a thing once: a text that is there already is not read out again.
function tell(place, sentences) {
  const text = sentences.join('\n');
  place.hidden = !text;
  if (place.dataset.told === text) return;
  place.dataset.told = text;
  place.replaceChildren(...sentences.map((sentence) => el('p', {}, sentence)));
}

function drawWrong() {
  tell(byId('paused'), menu.store.paused && screen !== 'done'
    ? ['We are taking a short break from kiosk orders. Have a look around, and order at the counter or here in a few minutes.'] : []);
  // The pause has its banner, a coupon its field.
  const rest = wrong.basket.filter(({ code, path }) => code !== 'store_paused' && path !== 'discount_code');
  tell(byId('basket-error'), silence ? [silence] : rest.map(inWords));
}

function drawSums() {
  const sums = byId('sums');
  sums.classList.toggle('stale', asking !== undefined);
  const limits = touched(quote?.limits ?? []);
  byId('limits').hidden = limits.length === 0;
  reconcile(byId('limit-list'), limits, (limit) => limit.rule, JSON.stringify, limitRow);
  shownTotal = undefined;
  if (quote?.items.length) {
    shownTotal = quote.totals.total;
    sums.replaceChildren(totalsList(quote.totals, 'Total', quote.tax_included),
      quote.items.length < basket.size ? el('p', { class: 'soft' }, 'Without what cannot be sold.') : '',
      quote.estimate ? el('p', { class: 'soft' }, 'Estimate: the register gives the final amount.') : '');
  } else {
    sums.replaceChildren(basket.size ? '' : el('p', { class: 'soft' }, 'Your basket is empty.'));
  }
}

// What the bar says of the basket in a few words, and whether it is bad news.
function standing() {
  const limits = touched(quote?.limits ?? []);
  const codes = wrong.basket.map(({ code }) => code);
  if (limits.some(isOver) || codes.includes('limit_exceeded_pos')) return ['Over the purchase limit', true];
  if (wrong.lines.size || codes.some((code) => code !== 'store_paused')) return ['Something needs a look before you order', true];
  if (menu.store.paused) return ['No kiosk orders at the moment', true];
  if (silence) return ['The price is not known right now', true];
  const full = limits.find(({ used, allowed }) => Number(used) >= Number(allowed) * NEARLY_FULL);
  return [full ? `tax included · ${roomAlone(full)}` : 'tax included', false];
}

function drawBar() {
  const items = [...basket.values()].reduce((sum, line) => sum + (line.offer.byGram ? 1 : line.quantity), 0);
  byId('bar').hidden = screen !== 'menu' || items === 0;
  byId('bar-count').textContent = `${items} ${items === 1 ? 'item' : 'items'}`;
  byId('bar-sum').textContent = quote?.items.length ? `· ${money(quote.totals.total, quote.totals.currency)}` : '';
  const [note, bad] = standing();
  byId('bar-note').classList.toggle('bad', bad);
  byId('bar-note').textContent = note;
  byId('start-over').hidden = screen === 'done' || (screen === 'menu' && items === 0);
  byId('submit').disabled = basket.size === 0 || placing.busy;
}

function draw() {
  drawMenu();
  drawLines();
  drawWrong();
  drawSums();
  drawBar();
}

const medical = () => byId('customer').elements.type.value !== 'adult';

function showCard() {
  byId('card').hidden = !medical();
}

// What bears on the price and the limits, whoever it is.
function guest() {
  return { first_name: 'Guest', last_name: 'Guest', type: byId('customer').elements.type.value, residency: byId('residency').value || undefined };
}

function customer(blank) {
  const value = (id) => byId(id).value.trim() || undefined;
  return {
    ...guest(),
    first_name: value('first_name') ?? blank,
    last_name: value('last_name') ?? blank,
    phone: value('phone'),
    email: value('email'),
    birth_date: value('birth_date'),
    medical_card: medical() ? value('medical_card') : undefined,
    medical_card_expires: medical() ? value('medical_card_expires') : undefined,
  };
}

function draft(who) {
  const text = (id) => byId(id).value.trim() || undefined;
  return {
    customer: who,
    items: [...basket.values()].map(({ offer, quantity }) => (
      { product_id: offer.product.id, variant_id: offer.variant?.id, quantity })),
    fulfillment: { type: 'pickup', pickup_at: byId('pickup_at').value || undefined },
    discount_code: text('discount_code'),
    note: text('note'),
  };
}

// Asks what the basket costs and what stands against it, once the fingers rest. That needs no name, so a guest's will
// do until the customer has given theirs; what stands against the guest is not told. `after` is what a refusal said:
// it stays until the quote knows better.
function askQuote(after) {
  clearTimeout(quoteTimer);
  asking?.abort();
  if (!basket.size) {
    [quote, silence, wrong, asking] = [undefined, '', nothingWrong(), undefined];
    draw();
    return;
  }
  const mine = new AbortController();
  asking = mine;
  drawSums();
  quoteTimer = setTimeout(async () => {
    const keys = [...basket.keys()];
    const body = { ...draft(introduced ? customer('Guest') : guest()), note: undefined };
    let errors = [];
    silence = '';
    try {
      quote = await call('POST', `${base}/quote`, { body, signal: mine.signal });
    } catch (error) {
      if (mine.signal.aborted || signedOut(error)) return;
      quote = error.quote;
      errors = error.errors ?? [];
      if (!quote) silence = error.sentence ?? String(error);
    }
    if (asking === mine) asking = undefined;
    const found = sortOut(errors, keys);
    wrong = after && !found.lines.size && !found.basket.length ? after : found;
    // The answer is younger than the menu.
    if (quote) menu.store.paused = errors.some(({ code }) => code === 'store_paused');
    draw();
    showFieldErrors(errors.filter(({ path }) => path === 'discount_code'));
  }, QUOTE_AFTER_MS);
}

// Tells what a coupon gives, where the POS can be asked. Elsewhere the code goes to the register with the order.
async function lookUpCoupon() {
  const code = byId('discount_code').value.trim();
  byId('coupon-title').textContent = '';
  if (!code) return;
  if (!menu.store.coupons) {
    byId('coupon-title').textContent = 'The register checks this coupon when you pay.';
    return;
  }
  try {
    const { title } = await call('GET', `${base}/discounts/${encodeURIComponent(code)}`);
    byId('coupon-title').textContent = title;
  } catch (error) {
    if (error.status === 404) showFieldErrors([{ path: 'discount_code', message: 'this store does not know that coupon' }]);
  }
}

function clearErrors() {
  for (const field of document.querySelectorAll('[data-error]')) field.textContent = '';
  for (const input of document.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  byId('submit-error').hidden = true;
}

// Puts each problem next to its field. Returns those that have none.
function showFieldErrors(errors) {
  return errors.filter((error) => {
    const place = document.querySelector(`[data-error="${CSS.escape(error.path)}"]`);
    if (!place) return true;
    place.textContent = error.message;
    document.querySelector(`[data-path="${CSS.escape(error.path)}"]`)?.setAttribute('aria-invalid', 'true');
    return false;
  });
}

function refused(problem) {
  introduced = true;
  const found = sortOut(showFieldErrors(problem.errors), [...basket.keys()]);
  wrong = { ...found, basket: found.basket.filter(({ path }) => path !== 'expected_total') };
  draw();
  // What the basket does not show is told at the button.
  const here = [...found.customer, ...found.basket.filter(({ code, path }) => path === 'expected_total' || code === 'store_paused')];
  const sentences = here.map(inWords);
  if (here.some(({ code }) => code === 'price_changed')) {
    sentences.push('Please look at the new total, and tap “Place order” again if it is fine.');
  }
  if (!problem.errors.length) sentences.push(problem.sentence);
  if (!sentences.length) sentences.push('Please look at what is marked in red.');
  placing.tell(sentences.join(' '));
  const first = document.querySelector('[aria-invalid]');
  if (first) first.focus();
  else if (!byId('basket-error').hidden) byId('basket-error').scrollIntoView({ block: 'nearest' });
  if (basket.size) askQuote(wrong);
}

function signedOut(error) {
  if (!(error instanceof Problem) || error.status !== 401) return false;
  signOut('kiosk', 'The access token is not valid any more.');
  return true;
}

function show(name) {
  screen = name;
  for (const one of ['menu', 'review', 'done']) byId(`${one}-screen`).hidden = one !== name;
  drawWrong();
  drawBar();
  scrollTo({ top: 0 });
  markCategory();
}

function startOver() {
  basket.clear();
  byId('customer').reset();
  introduced = false;
  showCard();
  byId('discount_code').value = '';
  byId('coupon-title').textContent = '';
  clearErrors();
  askQuote();
  show('menu');
}

const placing = new Placing({ base, subject, show, refused, signedOut, startOver, drawBar });

// The times that may be chosen; what was chosen stays, as long as it is on offer.
function drawPickup(slots) {
  const choice = byId('pickup_at');
  const chosen = choice.value;
  const options = slots.map(({ from }) => el('option', { value: from }, when(from, menu.store.time_zone)));
  choice.replaceChildren(el('option', { value: '' }, 'As soon as it is ready'), ...options);
  choice.value = slots.some(({ from }) => from === chosen) ? chosen : '';
  byId('pickup-row').hidden = slots.length === 0;
}

async function refreshMenu() {
  const trouble = byId('menu-trouble');
  const { paused } = menu.store;
  try {
    menu = await call('GET', `${base}/products`);
    trouble.hidden = true;
    byId('store-name').textContent = menu.store.name;
    byId('store-address').textContent = menu.store.address ?? '';
    document.title = `Order at ${menu.store.name}`;
    const fresh = new Map(offers().map((offer) => [offer.key, offer]));
    for (const line of basket.values()) line.offer = fresh.get(line.offer.key) ?? line.offer;
    drawPickup((await call('GET', `${base}/slots`)).slots);
    draw();
    if (paused !== undefined && paused !== menu.store.paused) askQuote();
  } catch (error) {
    if (signedOut(error)) return;
    trouble.textContent = `${error.sentence ?? 'The menu is not available.'} Trying again…`;
    trouble.hidden = false;
  }
}

// A basket and a name left behind are nobody else's business.
function watchIdle() {
  const dialog = byId('idle');
  let seen = Date.now();
  const touch = () => { seen = Date.now(); };
  for (const kind of ['pointerdown', 'keydown', 'scroll']) addEventListener(kind, touch, { passive: true });
  dialog.addEventListener('close', touch);
  setInterval(() => {
    const idle = Date.now() - seen;
    const something = screen !== 'done' && (basket.size > 0 || byId('first_name').value !== '') && !placing.busy;
    if (!something || idle < IDLE_MS) return;
    const rest = Math.ceil((IDLE_MS - idle) / 1000) + IDLE_GRACE_S;
    byId('idle-left').textContent = String(Math.max(rest, 0));
    if (!dialog.open) dialog.showModal();
    if (rest <= 0) {
      dialog.close();
      startOver();
    }
  }, 1000);
}

function begin() {
  byId('review').addEventListener('click', () => show('review'));
  byId('back').addEventListener('click', () => show('menu'));
  byId('start-over').addEventListener('click', startOver);
  byId('discount_code').addEventListener('change', () => {
    clearErrors();
    askQuote();
    lookUpCoupon();
  });
  byId('pickup_at').addEventListener('change', askQuote);
  byId('customer').addEventListener('change', (event) => {
    showCard();
    if (event.target.name === 'type' || event.target.id === 'residency') askQuote();
  });
  byId('customer').addEventListener('input', (event) => {
    event.target.removeAttribute('aria-invalid');
    const place = document.querySelector(`[data-error="${CSS.escape(event.target.dataset.path ?? '')}"]`);
    if (place) place.textContent = '';
  });
  byId('customer').addEventListener('submit', (event) => {
    event.preventDefault();
    clearErrors();
    placing.place({ ...draft(customer('')), expected_total: shownTotal });
  });
  addEventListener('scroll', markCategory, { passive: true });
  watchIdle();
  poll(MENU_EVERY_MS, refreshMenu);
  placing.resume();
}

if (findToken('kiosk')) begin();
else signIn('kiosk');
