/**
 * The silence of one screen: a minute at most, in somebody's name where there are fingers. It only
 * keeps the minute; what breaks it is told by `end`. There is no mute.
 */
import { t } from './strings.js';

const SILENCE_MS = 60000;
const NAME_LASTS_MS = 5 * 60000;

/** @typedef {Object<string, any>} Json */

export class Silence {
  /** @param {{now: () => number, site: () => Json|null, asks: () => boolean,
   *   actions: import('./actions.js').Actions, onChange: () => void}} options `asks`: by whom */
  constructor(options) {
    this.options = options;
    /** @type {{until: number, by: string|null}|null} */
    this.kept = null;
  }

  /** The silence of this moment, if there is one. */
  now() {
    if (this.kept && this.kept.until <= this.options.now()) this.kept = null;
    return this.kept;
  }

  /** It is quiet at once; whose doing it is, is asked after it, unless somebody was just here. */
  begin() {
    const { now, site, actions, asks, onChange } = this.options;
    const scale = site()?.time_scale || 1;
    const known = actions.lately(NAME_LASTS_MS);
    this.kept = { until: now() + SILENCE_MS / scale, by: known };
    onChange();
    if (known || !asks()) return;
    const mine = this.kept;
    actions.askName(t('silence_by'), (person) => {
      mine.by = person;
      onChange();
    });
  }

  end() {
    this.kept = null;
  }

  /** As a proof says it to the others. */
  proof() {
    const kept = this.now();
    return {
      silenced_until: kept ? new Date(kept.until).toISOString() : null,
      silenced_by: kept?.by ?? null,
    };
  }
}
