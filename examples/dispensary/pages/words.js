// What the API's words mean to people.

export const STATUS = {
  VERIFICATION_PENDING: 'To verify',
  AWAITING_PROCESSING: 'New',
  IN_PROCESS: 'Picking',
  PACKED_READY: 'Ready',
  OUT_FOR_DELIVERY: 'On the way',
  COMPLETED: 'Completed',
  CANCELED: 'Cancelled',
  REMOVED: 'Removed',
};

export const POS = {
  not_required: 'no POS',
  queued: 'waiting to be sent',
  sending: 'being sent',
  unknown: 'checking with the POS',
  retrying: 'POS busy, trying again',
  rejected: 'refused by the POS',
  attention: 'needs a person',
  accepted: 'in the POS',
  update_pending: 'change being sent',
  cancel_pending: 'cancel being sent',
  cancel_failed: 'not cancelled in the POS',
  manual: 'entered by hand',
  cancelled: 'cancelled in the POS',
};

export const REASON = {
  customer_request: 'Customer asked for it',
  out_of_stock: 'Out of stock',
  payment: 'Payment',
  compliance_limit: 'Purchase limit',
  failed_verification: 'ID or card not in order',
  not_collected: 'Not collected',
  store_operations: 'Store operations',
  duplicate: 'Duplicate',
  pos_rejected: 'Refused by the POS',
  test: 'Test order',
};

export const ACTION = {
  verify: 'ID is in order', reject: 'ID is not in order', start: 'Start picking', release: 'Give back',
  pick: 'Pick all', pack: 'Packed', unpack: 'Unpack', dispatch: 'Hand to driver', return: 'Came back',
  complete: 'Hand over', cancel: 'Cancel order', remove: 'Remove record', reopen: 'Reopen',
  mark_paid: 'Mark as paid', mark_printed: 'Mark as printed',
};

export const PICK = {
  open: 'to pick', picked: 'picked', short: 'short', substituted: 'substituted', removed: 'taken off',
};

// What staff should know about how an order was taken: a word for the card, a sentence for the detail.
export const WARNING = {
  stale_stock: ['stock not sure', 'The stock figure was old when this was ordered: look at the shelf first.'],
  ambiguous_customer: ['which customer?', 'Several customers in the POS fit: ask who it is before you link the sale.'],
};

const TASK = {
  create: 'placing the order', update: 'changing the lines', set_status: 'setting the status',
  mark_paid: 'marking it paid', cancel: 'cancelling', follow: 'reading the order',
};

const ATTENTION = {
  refused: 'The POS refused it',
  cannot_tell: 'Nobody can tell whether it reached the POS',
  unreachable: 'The POS could not be reached',
  unauthorized: 'The POS does not accept our credentials',
  unsupported: 'The POS cannot do this; a person has to do it there',
  mismatch: 'The POS holds something else than was ordered',
};

const PROBLEM = {
  out_of_stock: 'out of stock there', limit_exceeded: 'over a purchase limit', customer: 'the customer was not accepted',
  unknown_product: 'a product is not known there', wrong_state: 'the order there is in another state',
};

// An unknown word is shown as it came rather than hidden.
export const plain = (word) => String(word ?? '').replaceAll('_', ' ').toLowerCase();
export const say = (words, word) => words[word] ?? plain(word);

// What is wrong with an order that needs a person: one sentence, and the details below it.
export function trouble(order) {
  const { attention, problem, state } = order.pos;
  const found = attention?.problem ?? problem;
  const details = [];
  let title = say(POS, state);
  if (attention) {
    title = `${say(ATTENTION, attention.code)} (${say(TASK, attention.task)})`;
    if (attention.maybe_there) {
      details.push('It may be in the POS all the same: look there first.');
    }
  } else if (order.cancel_requested) {
    title = 'Staff asked to cancel; a manager decides';
  }
  if (found) {
    const kind = PROBLEM[found.kind] ? `${PROBLEM[found.kind]}: ` : '';
    details.unshift(`${kind}${found.detail}${found.vendor_code ? ` [${found.vendor_code}]` : ''}`);
  }
  return { title, details };
}

export const needsPerson = (order) => ['rejected', 'attention', 'cancel_failed'].includes(order.pos.state)
  || Boolean(order.pos.attention) || Boolean(order.cancel_requested);

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const category = (word) => capital(plain(word).replaceAll('-', ' '));
