"""A page's modules outside a browser: a clock that a story moves, and a network that it plays.

For what they do over time and with a network that fails in every way: no story waits, and none of
it hangs on how fast a machine is. That the same modules work in a browser the tests of the pages
tell.
"""

from typing import Any

from tests.script import run

Json = dict[str, Any]
BEGIN = """
const real = { setTimeout, clearTimeout, setInterval, fetch: globalThis.fetch,
  WebSocket: globalThis.WebSocket, localStorage: globalThis.localStorage };
const now = performance.now;
const timeout = AbortSignal.timeout;
const random = Math.random;
const world = {
  at: 5000, timers: new Map(), count: 0, heard: {}, sockets: [], asked: [], links: [], frames: [],
  kept: kept,
  emit(name) { for (const act of world.heard[name] ?? []) act(); },
  listen(name, act) { (world.heard[name] ??= []).push(act); },
  settle: async () => {
    for (let turns = 0; turns < 5; turns += 1) await new Promise((done) => setImmediate(done));
  },
  async pass(ms) {
    const end = world.at + ms;
    for (;;) {
      await world.settle();
      const [first] = [...world.timers].filter(([, one]) => one.due <= end)
        .sort(([, one], [, other]) => one.due - other.due);
      if (!first) break;
      const [id, { due, every, act }] = first;
      world.at = Math.max(world.at, due);
      if (every) world.timers.get(id).due = due + every;
      else world.timers.delete(id);
      act();
    }
    world.at = end;
  },
  wait(act, ms = 0, every = 0) {
    world.count += 1;
    world.timers.set(world.count, { due: world.at + ms, every, act });
    return world.count;
  },
  end() {
    Object.assign(globalThis, real);
    performance.now = now;
    AbortSignal.timeout = timeout;
    Math.random = random;
    delete globalThis.world;
  },
};
performance.now = () => world.at;
Math.random = () => 0.5;
AbortSignal.timeout = (ms) => {
  const over = new AbortController();
  world.wait(() => over.abort(new Error('late')), ms);
  return over.signal;
};
Object.assign(globalThis, {
  world,
  setTimeout: (act, ms) => world.wait(act, ms),
  setInterval: (act, ms) => world.wait(act, ms, ms),
  clearTimeout: (id) => world.timers.delete(id),
  addEventListener: world.listen,
  location: { href: 'http://house.test/wall' },
  localStorage: {
    getItem: (key) => world.kept[key] ?? null,
    setItem: (key, value) => { world.kept[key] = value; },
    removeItem: (key) => { delete world.kept[key]; },
  },
  fetch: (url, options) => new Promise((answer, fail) => {
    const { pathname, searchParams } = new URL(url);
    const { signal, body, ...how } = options;
    world.asked.push({ path: pathname, as: searchParams.get('as'), at: world.at, how,
      body: body && JSON.parse(body), open: true, answer, fail });
    const one = world.asked.at(-1);
    signal.addEventListener('abort', () => { one.open = false; fail(signal.reason); });
  }),
  WebSocket: class {
    static OPEN = 1;
    constructor(url) {
      const { pathname, searchParams } = new URL(url);
      const query = String(searchParams);
      Object.assign(this, { path: pathname, query, at: world.at, closed: false });
      world.sockets.push(this);
    }
    close() { this.closed = true; }
  },
});
Object.assign(document, { addEventListener: world.listen, hidden: false });
"""
LIVE = """
const { Live } = await load('live.js');
world.live = new Live({ as: 'tablet', onLink: (link) => world.links.push(link),
  onFrame: (frame) => world.frames.push(frame.seq) });
"""
PRESSES = """
const { Presses } = await load('presses.js');
world.stored = [];
world.presses = new Presses({ as: 'booth', onChange() {},
  onStored: (body, press) => world.stored.push([press.press_id, body.alert?.id ?? null]) });
await world.settle();
"""
ANSWER = """
const open = world.asked.filter((one) => one.open);
const asked = place < 0 ? open.at(place) : open[place];
asked.open = false;
const json = async () => {
  if (cut) throw new TypeError('cut off');
  return body;
};
if (status) asked.answer({ status, ok: status < 300, json });
else asked.fail(new TypeError('away'));
await world.settle();
"""


class LonePage:
    """One page: what it asked and opened, in milliseconds of its own clock since it began."""

    def __init__(self, kept: Json | None = None) -> None:
        """Nothing runs yet; `kept` is what its browser holds of the time before."""
        run(BEGIN, kept=kept or {})

    def end(self) -> None:
        """Give node its clock and its network back."""
        run("world.end()")

    def live(self) -> None:
        """Begin a feed."""
        run(LIVE)

    def presses(self) -> None:
        """Begin to look after presses."""
        run(PRESSES)

    def see(self, script: str, **values: Any) -> Any:
        """What this script finds in its world."""
        return run(script, **values)

    def passes(self, seconds: float) -> None:
        """So much time passes."""
        run("await world.pass(ms)", ms=seconds * 1000)

    def happens(self, name: str) -> None:
        """An event of the browser, such as `online`."""
        run("world.emit(name); await world.settle()", name=name)

    def asked(self, path: str) -> list[Json]:
        """Every request for this path: when it was made, by whom, what it said."""
        script = """return world.asked.filter((one) => one.path === path)
          .map(({ at, ...one }) => ({ ...one, at: (at - 5000) / 1000 }))"""
        return run(script, path=path)

    def answer(
        self, status: int, body: Json | None = None, place: int = 0, *, cut: bool = False
    ) -> None:
        """The oldest open request (or that at `place`) is answered; status 0 is no network.

        With `cut` the answer ends within its body.
        """
        run(ANSWER, status=status, body=body or {}, place=place, cut=cut)

    @property
    def sockets(self) -> list[Json]:
        """Every socket that it opened: when, with what query, and whether it closed it."""
        return run(
            """return world.sockets.map(({ at, query, closed }) =>
          ({ at: (at - 5000) / 1000, query, closed }))"""
        )

    def says(self, frame: Json, socket: int = -1) -> None:
        """The server says this on its newest socket, or another."""
        script = "world.sockets.at(socket).onmessage?.({ data: JSON.stringify(frame) })"
        run(f"{script}; await world.settle()", frame=frame, socket=socket)

    def closes(self, code: int = 1006, socket: int = -1) -> None:
        """Its newest socket, or another, is closed by the other side."""
        run("world.sockets.at(socket).onclose?.({ code })", code=code, socket=socket)
