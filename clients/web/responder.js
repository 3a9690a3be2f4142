/**
 * Keeps the responder's page alive: counts the time, and looks for news without ever acting. All
 * that acts is the form, which works without this file.
 */
const NEWS_MS = 5000;
const TOUCH_MS = 1500;
let touchedAt = -Infinity;
let offset = 0;

/** The server wrote how long it has been when it made the page, so the phone's clock is not used. */
function measure() {
  const parts = (document.getElementById('elapsed')?.textContent ?? '').split(':').map(Number);
  offset = (parts[0] * 60 + parts[1]) * 1000 - performance.now();
}

function tick() {
  const elapsed = document.getElementById('elapsed');
  if (!elapsed || Number.isNaN(offset) || document.body.dataset.me === 'closed') return;
  const all = Math.max(0, Math.floor((offset + performance.now()) / 1000));
  elapsed.textContent = `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`;
}

/** The same page again; its parts take the place of ours, unless a finger is near. */
async function news() {
  if (document.hidden || performance.now() - touchedAt < TOUCH_MS) return;
  try {
    const answer = await fetch(location.href, { cache: 'no-store' });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = fresh.getElementById('main');
    if (!main || performance.now() - touchedAt < TOUCH_MS) return;
    Object.assign(document.body.dataset, fresh.body.dataset);
    // A question that is open stays open, or the tap that answers it would go elsewhere.
    const asking = Boolean(document.querySelector('.sure[open]'));
    main.querySelector('.sure')?.toggleAttribute('open', asking);
    document.getElementById('main')?.replaceWith(document.adoptNode(main));
    measure();
  } catch {
    /* No news is shown by nothing new; the form still says whether a tap was stored. */
  }
}

addEventListener('pointerdown', () => {
  touchedAt = performance.now();
});
document.addEventListener('submit', () => {
  touchedAt = Infinity;
});
document.addEventListener('visibilitychange', news);
measure();
setInterval(tick, 250);
setInterval(news, NEWS_MS);
