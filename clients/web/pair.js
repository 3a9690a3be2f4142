/**
 * Pairing: a code makes this browser a booth button or a staff screen. The code comes by hand or
 * from the part of the address that never leaves the browser, and is taken out of it at once.
 */
import { ask, at } from './dom.js';
import { keep, kept, say, speak, t } from './strings.js';
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

at('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (at('pair'));
  button.disabled = true;
  say(at('result'), '');
  const { status, body } = await ask('/v1/pair', { body: { code: shaped(code.value) } });
  button.disabled = false;
  if (status !== 200) {
    say(at('result'), t(WHY[status] ?? (status >= 500 ? 'pair_network' : 'pair_wrong')));
    code.focus();
    return;
  }
  if (body.page === '/wall') keep('wall.kind', body.kind); // A board beside it makes it no board.
  done(body);
});

/** Say what this device has become, and what comes next. @param {Object<string, any>} body */
function done({ kind, booth, page }) {
  const next = ['/booth', '/wall', '/board'].includes(page) ? page.slice(1) : 'other';
  say(at('role'), t('pair_done', { what: t(`as_${kind}`, { n: booth ?? '?' }) }));
  say(at('then'), t(`pair_then_${next}`));
  say(at('go'), t(next === 'other' ? 'home_open' : `home_${next}`));
  at('go').setAttribute('href', next === 'other' ? '/' : page);
  at('form').hidden = true;
  at('about').hidden = true;
  at('done').hidden = false;
  at('go').focus();
}

fromAddress();
