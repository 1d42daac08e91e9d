// Having kiosks take no orders for a while, in a rush or an outage.

import { byId, call, when } from './base.js';
import { ask, toast } from './staff-ask.js';

const MINUTES = { m15: 15, m30: 30, m60: 60 };
const HOW_LONG = { open: 'Until I end it', m15: '15 minutes', m30: '30 minutes', m60: '1 hour' };

export class PauseSwitch {
  // `path` is the store's pause, `refresh` reads the board anew, `signedOut` deals with an expired token.
  constructor({ path, refresh, signedOut, zone }) {
    Object.assign(this, { path, refresh, signedOut, zone });
    this.on = false;
    this.thrown = 0;
    byId('pause').addEventListener('click', () => (this.on ? this.end() : this.begin()));
  }

  // What was asked before the switch was thrown says nothing about afterwards.
  async load() {
    const { thrown } = this;
    const state = await call('GET', this.path);
    if (thrown === this.thrown) this.draw(state);
  }

  draw({ paused, until }) {
    this.on = paused;
    const text = !paused ? '' : until ? `Kiosks paused until ${when(until, this.zone())}` : 'Kiosks paused';
    const state = byId('paused');
    state.hidden = !paused;
    if (state.textContent !== text) state.textContent = text;
    const button = byId('pause');
    button.hidden = false;
    button.textContent = paused ? 'Take orders again' : 'Pause kiosk orders';
  }

  async begin() {
    const answers = await ask({
      title: 'Pause kiosk orders',
      text: 'Kiosks show the menu and say that no orders are taken. Orders that are here stay; you can still place orders yourself.',
      fields: [{ name: 'length', label: 'For how long', options: HOW_LONG, chosen: 'open', required: true }],
      submit: 'Pause',
    });
    if (!answers) return;
    const minutes = MINUTES[answers.length];
    const until = minutes && new Date(Date.now() + minutes * 60000).toISOString();
    await this.attempt(() => call('POST', this.path, { body: { until } }), 'Kiosks take no orders.');
  }

  end() {
    return this.attempt(() => call('DELETE', this.path), 'Kiosks take orders again.');
  }

  async attempt(deed, done) {
    try {
      const state = await deed();
      this.thrown += 1;
      this.draw(state);
      toast(done);
    } catch (error) {
      if (!this.signedOut(error)) toast(error.sentence ?? String(error), true);
    }
    this.refresh();
  }
}
