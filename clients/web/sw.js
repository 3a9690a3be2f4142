/**
 * Keeps the booth page, and the looks of the responder's, so that they load with the network down.
 * It answers for nothing else: no press, no feed and no personal link is ever kept by it.
 *
 * Every version has a cache of its own, filled whole or not at all, so that old and new files never
 * meet. The booth page comes from there even with a network; a new version waits until the page
 * says that nothing goes on. The responder's page is read anew where that is possible.
 */
const VERSION = '%VERSION%';
const BOOTH = registration.scope.endsWith('/booth');
const PART = BOOTH ? 'directline-booth' : 'directline-responder';
const CACHE = `${PART}-${VERSION}`;
const PATIENCE_MS = 4000;
const BOOTH_SCRIPTS = 'booth booth_page live presses siren strings'.split(' ');
const SHELL = BOOTH
  ? [
      '/booth',
      ...['booth.css', 'directline.css', 'icon.svg', 'languages/en.js', 'languages/nl.js'],
      ...BOOTH_SCRIPTS.map((name) => `${name}.js`),
    ]
  : ['/responder', 'directline.css', 'staff.css', 'paper.css', 'responder.css', 'icon.svg', 'responder.js'];
const PATHS = SHELL.map((name) => (name.startsWith('/') ? name : `/web/${name}`));

addEventListener('install', (event) => {
  if (!BOOTH) skipWaiting(); // It only serves who would have nothing else.
  const files = PATHS.map((path) => new Request(path, { cache: 'no-cache' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)));
});

addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
});

addEventListener('activate', (event) => {
  const old = (name) => name.startsWith(PART) && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const page = request.mode === 'navigate';
  if (BOOTH && (page ? pathname === '/booth' : pathname.startsWith('/web/')))
    event.respondWith(keptFirst(request, pathname));
  else if (!BOOTH && (page || PATHS.includes(pathname)))
    event.respondWith(freshFirst(request, page ? '/responder' : pathname));
});

/** From the cache of this version; a file that is not there yet, such as a language, goes there. */
async function keptFirst(request, pathname) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(pathname);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok && !fresh.redirected && pathname.endsWith('.js'))
    cache.put(pathname, fresh.clone()).catch(() => {});
  return fresh;
}

/** From the network where it answers soon. */
async function freshFirst(request, pathname) {
  const late = new Promise((_, fail) => {
    setTimeout(fail, PATIENCE_MS, new Error('late'));
  });
  const fresh = fetch(request);
  try {
    return await Promise.race([fresh, late]);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(pathname)) ?? fresh;
  }
}
