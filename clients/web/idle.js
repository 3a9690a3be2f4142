/**
 * A tablet that is left alone goes back to what a wall is for, not to an old page.
 */
import { begun } from './dom.js';

const IDLE_MS = 5 * 60000;

/** Go to the wall when nobody has touched this page for five minutes; not while something on it
 * waits to be saved or is begun, and not while `stays` says that it is in use without being touched.
 * @param {import('./station.js').Station} station @param {() => boolean} [stays] */
export function homeWhenIdle(station, stays = () => false) {
  let touchedAt = performance.now();
  const touched = () => {
    touchedAt = performance.now();
  };
  for (const name of ['pointerdown', 'keydown']) addEventListener(name, touched);
  setInterval(() => {
    if (!station.isTablet() || performance.now() - touchedAt <= IDLE_MS) return;
    if (stays() || begun(document) || document.querySelector('.toast.unsaved')) return;
    location.assign('/wall');
  }, 1000);
}
