/**
 * Pairing: a code makes this browser a booth button or a staff screen. The code comes by hand or
 * from the part of the address that never leaves the browser, and is taken out of it at once.
 */
import { ask, at } from './dom.js';
import { keep, kept, language, say, speak, t } from './strings.js';
import './words.js';
import './words_door.js';

const WHY = /** @type {Object<number, string>} */ ({
  0: 'pair_network',
  403: 'pair_origin',
  429: 'pair_many',
});
const code = /** @type {HTMLInputElement} */ (at('code'));
speak(kept('wall.language') ?? kept('booth.site')?.language);

/** As people read it: capitals, in two halves. @param {string} text */
function shaped(text) {
  const all = text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return all.length > 4 ? `${all.slice(0, 4)}-${all.slice(4)}` : all;
}

function fromAddress() {
  const given = decodeURIComponent(location.hash.slice(1));
  if (!given) return;
  code.value = shaped(given);
  at('about').hidden = true; // Whoever brought the code need not be told where to find it.
  history.replaceState(null, '', location.pathname + location.search);
  at('pair').focus();
}

code.addEventListener('input', () => {
  if (code.selectionStart === code.value.length) code.value = shaped(code.value);
  say(at('result'), '');
});
addEventListener('hashchange', fromAddress);

/** Send the code, and where the booth has a button already what is to become of that.
 * @param {'keep'|'replace'} [others] */
async function pair(others) {
  const buttons = /** @type {HTMLButtonElement[]} */ (['pair', 'replace', 'keep'].map(at));
  for (const one of buttons) one.disabled = true;
  const asking = others ? 'undone' : 'result';
  say(at(asking), '');
  const sent = { code: shaped(code.value), ...(others && { others }) };
  const { status, body } = await ask('/v1/pair', { body: sent });
  for (const one of buttons) one.disabled = false;
  if (status === 409) return taken(body);
  if (status !== 200) {
    say(at(asking), t(WHY[status] ?? (status >= 500 ? 'pair_network' : 'pair_wrong')));
    if (!others) code.focus();
    return;
  }
  if (body.page === '/wall') keep('wall.kind', body.kind); // A board beside it makes it no board.
  done(body);
}

/** The booth has a button: two may be wanted, or the other is broken. @param {Object<string, any>} body */
function taken({ booth, buttons }) {
  const heard = new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' });
  const names = buttons.map((/** @type {Object<string, string>} */ one) => {
    const time = heard.format(new Date(one.last_seen_at));
    return t('pair_heard', { name: one.name || one.device_id, time });
  });
  say(at('has'), t('pair_has', { n: booth, names: names.join(', ') }));
  show('taken');
  at('keep').focus(); // The Enter that sent the code must replace nothing.
}

/** One part of the page, and no other. @param {'form'|'taken'|'done'} part */
function show(part) {
  for (const one of ['form', 'taken', 'done']) at(one).hidden = one !== part;
  at('about').hidden = part !== 'form';
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  pair();
});
at('replace').addEventListener('click', () => pair('replace'));
at('keep').addEventListener('click', () => pair('keep'));
at('back').addEventListener('click', () => {
  say(at('undone'), '');
  show('form');
});

/** Say what this device has become, and what comes next. @param {Object<string, any>} body */
function done({ kind, booth, page }) {
  const next = ['/booth', '/wall', '/board'].includes(page) ? page.slice(1) : 'other';
  say(at('role'), t('pair_done', { what: t(`as_${kind}`, { n: booth ?? '?' }) }));
  say(at('then'), t(`pair_then_${next}`));
  say(at('go'), t(next === 'other' ? 'home_open' : `home_${next}`));
  at('go').setAttribute('href', next === 'other' ? '/' : page);
  show('done');
  at('go').focus();
}

fromAddress();
