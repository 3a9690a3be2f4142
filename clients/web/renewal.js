/**
 * A page that stays open for months learns that the server has a newer one, and that it may be loaded
 * when nothing has happened for ten minutes. It never loads anything by itself.
 */
import { ask } from './live.js';

const QUIET_MS = 600000;

export class Renewal {
  constructor() {
    this.quietSince = performance.now();
    this.askedAt = -Infinity;
    this.newer = false;
    this.loading = false;
  }

  /** Whether a newer page may be loaded now. Call it often. @param {boolean} quiet no alert is open */
  may(quiet) {
    const now = performance.now();
    if (!quiet) this.quietSince = now;
    if (now - this.quietSince < QUIET_MS) return false;
    if (!this.newer && now - this.askedAt >= QUIET_MS) this.look();
    return this.newer;
  }

  async look() {
    this.askedAt = performance.now();
    const { status, body } = await ask('/web/version.json');
    this.newer = status === 200 && body.version !== document.body.dataset.version;
  }

  /** Load the page anew, if there is somebody to load it from: a page that is shown beats an error. */
  async load() {
    if (this.loading) return;
    this.loading = true;
    const { status } = await ask('/healthz');
    if (status === 200) location.reload();
    this.loading = false;
  }
}
