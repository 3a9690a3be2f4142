/**
 * Asking our server, for every page alike.
 */

/** Ask as this kind of device. A failure is `{status: 0}`, never an exception.
 * @param {string} path
 * @param {{as?: string, body?: Object<string, any>, method?: string, timeout?: number}} [options]
 * @returns {Promise<{status: number, body: Object<string, any>}>} */
export async function ask(path, { as, body, method, timeout = 5000 } = {}) {
  const url = new URL(path, location.href);
  if (as) url.searchParams.set('as', as);
  try {
    const answer = await fetch(url, {
      method: method ?? (body ? 'POST' : 'GET'),
      cache: 'no-store',
      signal: AbortSignal.timeout(timeout),
      keepalive: Boolean(body),
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    return { status: answer.status, body: said && typeof said === 'object' ? said : {} };
  } catch {
    return { status: 0, body: {} };
  }
}
