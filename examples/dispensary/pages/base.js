// Shared by all pages: building nodes, talking to the API, signing in.

// Builds a node. Children are nodes or texts; a text is always put in as text, never read as markup.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name in node && name !== 'list' && name !== 'form') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(4).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

// Makes the children of `parent` these items, touching only what changed, so that nothing flickers and the
// focus stays where it is. `stamp` says whether an item has to be drawn anew.
export function reconcile(parent, items, keyOf, stampOf, build) {
  const wanted = new Set(items.map((item) => String(keyOf(item))));
  const old = new Map();
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) old.set(child.dataset.key, child);
    else child.remove();
  }
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const stamp = String(stampOf(item));
    let node = old.get(key);
    if (!node || node.dataset.stamp !== stamp) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.dataset.stamp = stamp;
      if (node) {
        if (node === at) at = fresh;
        keepFocus(node, () => node.replaceWith(fresh), fresh);
      }
      node = fresh;
    }
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
}

// Redraws, and gives the focus back to the control of the same name (`data-focus`).
export function keepFocus(before, redraw, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  redraw();
  if (focused) after.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

// The API answered, but not with success.
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? body?.title ?? `The server answered ${status}.`);
    this.status = status;
    this.kind = body?.type ?? '';
    this.errors = body?.errors ?? [];
    this.quote = body?.quote;
  }

  // One sentence for people, with everything that is wrong.
  get sentence() {
    return this.errors.length ? this.errors.map((error) => error.message).join('; ') : this.message;
  }
}

// No answer: the call may or may not have arrived.
export class Unreachable extends Error {
  get sentence() { return 'The store’s server cannot be reached.'; }
}

const PATIENCE_MS = 20000;
let token;
let over = false;

export async function call(method, path, { body, headers = {}, signal } = {}) {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const sent = { ...headers };
  if (token) sent.Authorization = `Bearer ${token}`;
  if (body !== undefined) sent['Content-Type'] = 'application/json';
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      cache: 'no-store',
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (response.ok && json !== undefined) return json;
  throw new Problem(response.status, json);
}

// The part of the address behind the page's name: the store, or the order's code.
export const subject = decodeURIComponent(location.pathname.split('/')[2] ?? '');

// Takes the token from the address's fragment, which no server ever sees, and keeps it for this tab.
export function findToken(page) {
  const place = `${page}:${subject}`;
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem(place, given);
    history.replaceState(null, '', location.pathname);
  }
  token = sessionStorage.getItem(place) ?? undefined;
  return token;
}

// Who the token speaks for. For showing only: the server decides what is allowed.
export function tokenClaims() {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))));
  } catch {
    return {};
  }
}

// Shows the sign-in field in place of the page until a token is given.
export function signIn(page, why) {
  token = undefined;
  over = true;
  const field = el('input', {
    id: 'token', type: 'password', required: true, autocomplete: 'off',
  });
  const form = el('form', {
    onsubmit(event) {
      event.preventDefault();
      sessionStorage.setItem(`${page}:${subject}`, field.value.trim());
      location.reload();
    },
  },
  el('h1', {}, 'Sign in'),
  el('p', { class: 'soft' }, why ?? `This page of store “${subject}” needs an access token.`),
  el('div', { class: 'field' }, el('label', { htmlFor: 'token' }, 'Access token'), field),
  el('button', { class: 'button main' }, 'Continue'));
  document.body.replaceChildren(el('main', { class: 'gate' }, form));
  field.focus();
}

export function signOut(page, why) {
  sessionStorage.removeItem(`${page}:${subject}`);
  signIn(page, why);
}

// The amount is decimal text and stays text: a float would round it.
export const money = (amount, currency) => new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(amount);
export const quantity = (value) => (typeof value === 'object' ? `${value.grams} g` : String(value));
export const called = (customer) => `${customer.first_name} ${customer.last_name}`.trim();

export function clock(time, zone) {
  return new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', timeZone: zone }).format(new Date(time));
}

// A moment to come: the time alone when it is today.
export function when(time, zone) {
  const day = (of) => new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: zone }).format(of);
  const that = day(new Date(time));
  return that === day(new Date()) ? clock(time, zone) : `${that}, ${clock(time, zone)}`;
}

export function age(time) {
  const minutes = Math.max(0, Math.floor((Date.now() - new Date(time).getTime()) / 60000));
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

// Where prices have the tax in them, the sums name it apart and say so.
export function totalsList(totals, label = 'Total', taxIncluded = false) {
  const row = (name, amount, extra = '') => [
    el('dt', { class: extra }, name), el('dd', { class: `money ${extra}` }, money(amount, totals.currency)),
  ];
  return el('dl', { class: 'totals' },
    row(taxIncluded ? 'Before tax' : 'Subtotal', totals.subtotal),
    /[1-9]/.test(totals.discount) && row('Discount', `-${totals.discount}`),
    row(taxIncluded ? 'Tax, included in the prices' : 'Tax', totals.tax),
    row(label, totals.total, 'grand'));
}

// Runs `step` now and again `every` milliseconds after it ended, while the page can be seen and somebody is
// signed in where that is needed.
export function poll(every, step) {
  let timer;
  let stopped = false;
  const again = () => { if (!stopped) timer = setTimeout(run, every); };
  const run = () => (over ? undefined : document.hidden ? again() : Promise.resolve(step()).catch(() => {}).finally(again));
  run();
  return () => { stopped = true; clearTimeout(timer); };
}
