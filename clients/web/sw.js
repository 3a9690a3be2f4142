/**
 * Keeps the booth page and the looks of the responder page, so that they load with the network
 * down. It answers for nothing else: no press, no feed and no personal link ever passes through it.
 */
const CACHE = 'directline-shell';
const PATIENCE_MS = 1500;
const OFFLINE_MS = 10000;
const SHELL = [
  '/booth',
  ...[
    'directline.css',
    'booth.js',
    'booth_view.js',
    'booth_page.js',
    'presses.js',
    'live.js',
    'state.js',
    'strings.js',
    'sound.js',
    'icon.svg',
    'responder.js',
  ].map((name) => `/web/${name}`),
];
let offlineUntil = 0;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname)) event.respondWith(answer(event, url.pathname));
});

/** The network's own word where it comes soon, else what we kept. Once the network has failed,
 * all files of a page come from the cache, so that old and new ones are not mixed. */
async function answer(event, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept && Date.now() < offlineUntil) return kept;
  const fresh = fetch(event.request).then((response) => {
    const good = response.ok && !response.redirected;
    if (good) cache.put(path, response.clone()).catch(() => {});
    return good || !kept || response.redirected ? response : kept;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, null);
  });
  const soonest = await Promise.race([fresh.catch(() => null), late]); // Never an unheard failure.
  if (soonest) return soonest;
  offlineUntil = Date.now() + OFFLINE_MS;
  return kept;
}
