// Questions to the person at the desk, and short messages to them.

import { byId, el } from './base.js';

const TOAST_MS = 6000;

export function toast(text, bad = false) {
  const node = el('p', { class: bad ? 'toast bad' : 'toast' }, text);
  byId('toasts').append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

function input(field) {
  const common = { id: `ask-${field.name}`, name: field.name, required: field.required ?? false };
  if (field.options) {
    return el('select', common,
      field.chosen === undefined && el('option', { value: '' }, 'Choose…'),
      Object.entries(field.options).map(([value, text]) => el('option', { value, selected: value === field.chosen }, text)));
  }
  if (field.type === 'textarea') return el('textarea', { ...common, maxLength: 500, value: field.value ?? '' });
  return el('input', {
    ...common, type: field.type ?? 'text', min: field.min, max: field.max, step: field.step, maxLength: field.type ? undefined : 100, autocomplete: 'off',
  });
}

function row(field) {
  if (field.type === 'checkbox') {
    return el('label', {}, el('input', { type: 'checkbox', name: field.name, required: field.required }), ' ', field.label);
  }
  return el('div', { class: 'field' },
    el('label', { htmlFor: `ask-${field.name}` }, field.label, !field.required && el('span', { class: 'soft' }, ' (optional)')),
    input(field),
    field.hint && el('p', { class: 'soft' }, field.hint));
}

// Asks, and gives what was answered by field name; nothing when the question was put away.
export function ask({ title, text, fields = [], submit, danger = false }) {
  return new Promise((resolve) => {
    let answer;
    const form = el('form', {
      onsubmit(event) {
        event.preventDefault();
        answer = Object.fromEntries(fields.map(({ name, type }) => {
          const control = form.elements.namedItem(name);
          return [name, type === 'checkbox' ? control.checked : control.value.trim() || undefined];
        }));
        dialog.close();
      },
    },
    el('h2', {}, title),
    text && el('p', {}, text),
    fields.map(row),
    el('div', { class: 'choices' },
      el('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, 'Back'),
      el('button', { class: danger ? 'button main danger' : 'button main', data: { submit: 'yes' } }, submit)));
    const dialog = el('dialog', { 'aria-label': title }, form);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
