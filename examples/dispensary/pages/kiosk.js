// The kiosk: menu, basket, live price, customer. Placing the order is in kiosk-order.js.

import {
  Problem, byId, call, el, findToken, money, poll, reconcile, signIn, signOut, subject, totalsList,
} from './base.js';
import { Placing } from './kiosk-order.js';
import { category, plain } from './words.js';

const MENU_EVERY_MS = 30000;
const QUOTE_AFTER_MS = 200;
const IDLE_MS = 120000;
const IDLE_GRACE_S = 20;
const FEW = 5;
const MENU_ORDER = ['flower', 'pre', 'vap', 'cart', 'concentrate', 'extract', 'edible', 'bev', 'tinct', 'caps', 'topical'];

const base = `/api/v1/stores/${encodeURIComponent(subject)}`;
const basket = new Map();
let menu = { products: [], currency: 'USD', store: {} };
let drawn = '';
let quote;
let quoteProblem;
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

const isOver = (limit) => Number(limit.used) > Number(limit.allowed);
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
  const sections = [...document.querySelectorAll('.category')];
  const current = sections.filter((section) => section.getBoundingClientRect().top < 160).pop() ?? sections[0];
  for (const link of byId('categories').children) {
    const here = current?.id === `c-${link.dataset.key}`;
    if (here && !link.ariaCurrent) link.scrollIntoView({ block: 'nearest', inline: 'center' });
    link.ariaCurrent = here ? 'true' : null;
  }
}

function errorAt(index) {
  return (quoteProblem?.errors ?? []).filter((error) => error.path.startsWith(`items.${index}.`) || error.path === `items.${index}`)
    .map((error) => error.message).join('; ');
}

function drawLines() {
  const lines = [...basket.values()].map((line, index) => ({ ...line, error: errorAt(index) }));
  const row = ({ offer, error }) => el('li', { class: error ? 'line bad' : 'line' },
    el('div', {},
      el('strong', { class: 'wrap' }, offer.product.name),
      el('span', { class: 'soft' }, [offer.size, money(offer.price, menu.currency)].filter(Boolean).join(' · '))),
    amount(offer),
    error && el('p', { class: 'error' }, error));
  reconcile(byId('lines'), lines, (line) => line.offer.key, (line) => `${line.quantity}/${line.error}/${line.offer.price}`, row);
}

function drawSums() {
  const general = (quoteProblem?.errors ?? []).filter((error) => error.path === 'items' || error.path === '');
  byId('basket-error').textContent = general.map((error) => error.message).join('; ')
    || (quoteProblem && !quoteProblem.errors?.length ? quoteProblem.sentence : '');
  const sums = byId('sums');
  sums.classList.toggle('stale', asking !== undefined);
  if (quote && !quoteProblem) {
    const limits = quote.limits.filter((limit) => Number(limit.used) > 0).map((limit) => el('p', { class: isOver(limit) ? 'error' : 'soft num' },
      `${isOver(limit) ? 'Over the purchase limit' : 'Purchase limit'}, ${plain(limit.name)}: ${limit.used} of ${limit.allowed}`));
    sums.replaceChildren(totalsList(quote.totals), ...limits,
      quote.estimate ? el('p', { class: 'soft' }, 'Estimate: the register gives the final amount.') : '');
  } else if (!basket.size) {
    sums.replaceChildren(el('p', { class: 'soft' }, 'Your basket is empty.'));
  } else if (quoteProblem) {
    sums.replaceChildren();
  }
}

function drawBar() {
  const items = [...basket.values()].reduce((sum, line) => sum + (line.offer.byGram ? 1 : line.quantity), 0);
  byId('bar').hidden = screen !== 'menu' || items === 0;
  byId('bar-count').textContent = `${items} ${items === 1 ? 'item' : 'items'}`;
  byId('bar-sum').textContent = quote && !quoteProblem ? `· ${money(quote.totals.total, quote.totals.currency)}` : '';
  const note = byId('bar-note');
  const over = quote?.limits.some(isOver);
  note.classList.toggle('bad', Boolean(quoteProblem || over));
  note.textContent = quoteProblem ? 'Something in the basket needs a change' : over ? 'Over the purchase limit' : 'tax included';
  byId('start-over').hidden = screen === 'done' || (screen === 'menu' && items === 0);
  byId('submit').disabled = basket.size === 0 || placing.busy;
}

function draw() {
  drawMenu();
  drawLines();
  drawSums();
  drawBar();
}

function customer(blank) {
  const value = (id) => byId(id).value.trim() || undefined;
  return {
    first_name: value('first_name') ?? blank,
    last_name: value('last_name') ?? blank,
    phone: value('phone'),
    email: value('email'),
    birth_date: value('birth_date'),
    type: byId('customer').elements.type.value,
  };
}

function draft(who) {
  const text = (id) => byId(id).value.trim() || undefined;
  return {
    customer: who,
    items: [...basket.values()].map(({ offer, quantity }) => (
      { product_id: offer.product.id, variant_id: offer.variant?.id, quantity })),
    fulfillment: { type: 'pickup' },
    discount_code: text('discount_code'),
    note: text('note'),
  };
}

// Asks what the basket costs, once the fingers rest. A price needs no name, so a guest's will do; only what can
// change the price is sent along.
function askQuote() {
  clearTimeout(quoteTimer);
  asking?.abort();
  if (!basket.size) {
    [quote, quoteProblem, asking] = [undefined, undefined, undefined];
    draw();
    return;
  }
  const mine = new AbortController();
  asking = mine;
  drawSums();
  quoteTimer = setTimeout(async () => {
    const guest = { first_name: 'Guest', last_name: 'Guest', type: byId('customer').elements.type.value };
    const body = { ...draft(guest), note: undefined };
    try {
      quote = await call('POST', `${base}/quote`, { body, signal: mine.signal });
      quoteProblem = undefined;
    } catch (error) {
      if (mine.signal.aborted) return;
      if (signedOut(error)) return;
      quoteProblem = error;
    }
    if (asking === mine) asking = undefined;
    draw();
    if (quoteProblem instanceof Problem) showFieldErrors(quoteProblem.errors.filter((error) => error.path === 'discount_code'));
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
  const rest = showFieldErrors(problem.errors);
  quoteProblem = problem.errors.some((error) => error.path.startsWith('items')) ? problem : quoteProblem;
  draw();
  const general = rest.filter((error) => !error.path.startsWith('items')).map((error) => error.message);
  const text = general.join('; ') || (problem.errors.length ? 'Please look at what is marked in red.' : problem.sentence);
  byId('submit-error').textContent = text;
  byId('submit-error').hidden = false;
  document.querySelector('[aria-invalid]')?.focus();
}

function signedOut(error) {
  if (!(error instanceof Problem) || error.status !== 401) return false;
  signOut('kiosk', 'The access token is not valid any more.');
  return true;
}

function show(name) {
  screen = name;
  for (const one of ['menu', 'review', 'done']) byId(`${one}-screen`).hidden = one !== name;
  drawBar();
  scrollTo({ top: 0 });
}

function startOver() {
  basket.clear();
  byId('customer').reset();
  byId('discount_code').value = '';
  byId('coupon-title').textContent = '';
  clearErrors();
  askQuote();
  show('menu');
}

const placing = new Placing({ base, subject, show, refused, signedOut, startOver, drawBar });

async function refreshMenu() {
  const trouble = byId('menu-trouble');
  try {
    menu = await call('GET', `${base}/products`);
    trouble.hidden = true;
    byId('store-name').textContent = menu.store.name;
    byId('store-address').textContent = menu.store.address ?? '';
    document.title = `Order at ${menu.store.name}`;
    const fresh = new Map(offers().map((offer) => [offer.key, offer]));
    for (const line of basket.values()) line.offer = fresh.get(line.offer.key) ?? line.offer;
    draw();
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
  byId('customer').addEventListener('change', (event) => { if (event.target.name === 'type') askQuote(); });
  byId('customer').addEventListener('input', (event) => {
    event.target.removeAttribute('aria-invalid');
    const place = document.querySelector(`[data-error="${CSS.escape(event.target.dataset.path ?? '')}"]`);
    if (place) place.textContent = '';
  });
  byId('customer').addEventListener('submit', (event) => {
    event.preventDefault();
    clearErrors();
    placing.place(draft(customer('')));
  });
  addEventListener('scroll', markCategory, { passive: true });
  watchIdle();
  poll(MENU_EVERY_MS, refreshMenu);
  placing.resume();
}

if (findToken('kiosk')) begin();
else signIn('kiosk');
