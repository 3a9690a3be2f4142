// The handsets page: shows what the network says and sends what the person does.
// It keeps no state of its own that matters; a reload shows the same phones.

const QUICK = ["1", "0", "2", "3", "4", "99"];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SWITCHES = [["off", "Phone off"], ["voicemail", "Voicemail"], ["busy", "Busy"]];
const ENDINGS = {
  completed: "Call", busy: "Call turned away (busy)", "no-answer": "Missed call",
  failed: "Call failed in the network", canceled: "Call ended by the caller",
};
// Phones change places only when nobody has touched the page for so long.
const REST_MS = 4000;
const BATCH_MS = 80;
const RETRY_MS = 1000;

const phones = new Map();
const place = document.getElementById("phones");
let version = 0;
let started = null;
let ahead = 0;
let touched = 0;

function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "on") element.addEventListener(...value);
    else if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const button = (className, label, act, given = {}) =>
  make("button", { type: "button", className, on: ["click", act], ...given }, label);

function icon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["width", 36], ["height", 36], ["aria-hidden", "true"]])
    svg.setAttribute(name, value);
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("fill", "currentColor");
  path.setAttribute("d", "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z");
  svg.append(path);
  return svg;
}

const nameOf = (number) => phones.get(number)?.data.name || number;
const time = (at) => new Date(at).toLocaleTimeString("en-GB");
const lasted = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const isLive = (call) => call.status === "ringing" || call.status === "in-progress";

// Our numbers differ in their last digits; the whole one stands in the title.
const short = (number) => `…${number.slice(-4)}`;

function initials(data) {
  if (!data.name) return data.number.slice(-2);
  return data.name.split(/\s+/).slice(0, 2).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] || "").join("").toUpperCase();
}

async function send(method, path, body) {
  const answer = await fetch(`/sim${path}`, {
    method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? null),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || `Error ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

function linked(body) {
  return body.split(/(https?:\/\/[^\s]+)/).map((part) =>
    /^https?:\/\//.test(part)
      ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part)
      : part);
}

function mark(text, off, several) {
  if (text.direction === "inbound") return `${time(text.at)} · sent${several ? ` to ${short(text.to)}` : ""}`;
  const from = several ? `from ${short(text.from)}` : "from Directline";
  if (text.status === "delivered") return `${time(text.arrived_at)} ✓✓ delivered · ${from}`;
  if (text.error) return `Not delivered (${text.error}) · ${from}`;
  return off ? `Waits until this phone is on · ${from}` : `On its way · ${from}`;
}

class Phone {
  constructor(number) {
    this.number = number;
    this.rows = new Map();
    this.shownCall = null;
    this.chosen = null;
    this.data = { number, texts: [], calls: [] };
    this.build();
  }

  build() {
    this.face = make("span", { className: "face", ariaHidden: "true" });
    this.title = make("h2");
    this.sub = make("p");
    this.state = make("span", { className: "state" });
    this.habit = make("p", { className: "habit", hidden: true });
    this.thread = make("ol", { className: "thread", tabIndex: 0, ariaLabel: "Texts and calls" });
    this.screen = make("div", { className: "screen" }, this.thread);
    this.input = make("input", { type: "text", maxLength: 1600, placeholder: "Write a text", ariaLabel: "Write a text", autocomplete: "off" });
    this.to = make("div", { className: "to" });
    this.problem = make("p", { className: "problem", role: "status", hidden: true });
    const write = make("form", { className: "write", on: ["submit", (event) => { event.preventDefault(); this.text(this.input.value); }] },
      this.input, make("button", { className: "send" }, "Send"), this.to);
    this.switches = SWITCHES.map(([name, label]) => {
      const flip = () => this.act(() => send("PUT", `/handsets/${encodeURIComponent(this.number)}`, { [name]: !this.data[name] }));
      return button("switch", label, flip, { role: "switch" });
    });
    this.element = make("article", { className: "phone", id: `phone-${this.number.slice(1)}` },
      make("div", { className: "who" }, this.face, make("div", {}, this.title, this.sub), this.state),
      this.habit, this.screen,
      make("p", { className: "label" }, "Reply by text"),
      make("div", { className: "quick", role: "group", ariaLabel: "Reply by text" },
        ...QUICK.map((word) => button("", word, () => this.text(word), { ariaLabel: `Reply ${word}` }))),
      write, make("div", { className: "switches" }, ...this.switches), this.problem);
  }

  async act(what) {
    touched = Date.now();
    try {
      await what();
      this.problem.hidden = true;
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
  }

  // Whom a reply goes to: the number picked by hand, else the one that texted last.
  ours() {
    const seen = [...this.data.texts].reverse().map((text) => (text.direction === "inbound" ? text.to : text.from));
    const called = [...this.data.calls].reverse().map((call) => (call.direction === "inbound" ? call.to : call.from));
    const everywhere = [...phones.values()].flatMap((phone) => phone.data.texts.slice(-1).map((text) => (text.direction === "inbound" ? text.to : text.from)));
    return [...new Set([...seen, ...called, ...everywhere])];
  }

  text(words) {
    const body = words.trim();
    if (!body) return this.input.focus();
    return this.act(async () => {
      const to = this.chosen || this.ours()[0];
      if (!to) throw new Error("Nobody has texted or called a phone yet, so there is no number to text.");
      const answer = await send("POST", "/texts", { from: this.number, to, body });
      this.input.value = "";
      if (answer.status === null) throw new Error("The service did not answer: the text is lost.");
      if (answer.status >= 400) throw new Error(`The service refused the text (${answer.status}).`);
    });
  }

  update(data) {
    const latest = data.texts.at(-1);
    if (latest && latest.direction !== "inbound" && latest.n !== this.data.texts.at(-1)?.n) this.chosen = null;
    this.data = data;
    this.face.textContent = initials(data);
    this.title.textContent = data.name || data.number;
    this.sub.textContent = data.name ? data.number : "";
    this.element.classList.toggle("off", data.off);
    SWITCHES.forEach(([name], index) => this.switches[index].setAttribute("aria-checked", String(data[name])));
    this.several = new Set(data.texts.map((text) => (text.direction === "inbound" ? text.to : text.from))).size > 1;
    this.showHabit();
    this.showThread();
    this.showCall();
    this.showTo();
  }

  showHabit() {
    const { reply, pick_up: picks, stopped } = this.data;
    const words = [];
    if (reply) words.push(`replies “${reply.text}” after ${reply.after} s`);
    if (picks) words.push(`picks up after ${picks.after} s${picks.keys ? ` and presses ${picks.keys}` : ""}`);
    this.habit.hidden = !words.length && !stopped;
    this.habit.replaceChildren();
    if (words.length) {
      const clear = () => this.act(() => send("PUT", `/handsets/${encodeURIComponent(this.number)}`, { reply: null, pick_up: null }));
      this.habit.append(`By itself: ${words.join(", ")}. `, button("plain", "Do it by hand", clear));
    }
    if (stopped) this.habit.append("Has sent STOP: texts to this phone are refused. ", button("plain", "Send START", () => this.text("START")));
  }

  showThread() {
    const items = [...this.data.texts, ...this.data.calls.filter((call) => !isLive(call) && call.status !== "queued")]
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    const wasEnd = this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < 40;
    const kept = new Set();
    for (const [index, item] of items.entries()) {
      const look = JSON.stringify([item.status, item.arrived_at, item.error, this.several, this.data.off && item.status === "sent"]);
      const old = this.rows.get(item.sid);
      const row = old?.look === look ? old.row : "body" in item ? this.textRow(item) : this.callRow(item);
      if (old && old.row !== row) old.row.replaceWith(row);
      if (this.thread.children[index] !== row) this.thread.insertBefore(row, this.thread.children[index] || null);
      this.rows.set(item.sid, { row, look });
      kept.add(item.sid);
    }
    for (const [sid, { row }] of this.rows) if (!kept.has(sid)) { row.remove(); this.rows.delete(sid); }
    while (this.thread.children.length > items.length) this.thread.lastChild.remove();
    if (!items.length) this.thread.append(make("li", { className: "nothing" }, "Nothing yet"));
    if (wasEnd) this.thread.scrollTop = this.thread.scrollHeight;
  }

  textRow(text) {
    const mine = text.direction === "inbound";
    const arrived = mine || text.status === "delivered";
    const kind = mine ? " mine" : text.error ? " failed waiting" : arrived ? "" : " waiting";
    return make("li", { className: `text${kind}`, title: mine ? `to ${text.to}` : `from ${text.from}` }, make("div", { className: "bubble" }, ...linked(text.body)),
      make("span", { className: "mark" }, mark(text, this.data.off, this.several)));
  }

  callRow(call) {
    const words = [time(call.at), call.direction === "inbound" ? "You called" : ENDINGS[call.status] || call.status];
    if (call.answered_by === "voicemail") words[1] = "Voicemail took the call";
    if (call.answered_at) words.push(lasted(call.seconds));
    if (call.keys) words.push(`pressed ${call.keys}`);
    if (!call.said.length) return make("li", { className: "event" }, words.join(" · "));
    return make("li", { className: "event" }, make("details", {}, make("summary", {}, words.join(" · ")),
      ...call.said.map((said) => make("p", {}, `“${said}”`))));
  }

  showTo() {
    const numbers = this.ours();
    const to = this.chosen && numbers.includes(this.chosen) ? this.chosen : numbers[0];
    const look = JSON.stringify([numbers, to]);
    if (this.toLook === look) return;
    this.toLook = look;
    this.to.replaceChildren();
    if (!to) return;
    const pick = make("select", { ariaLabel: "Number that the text goes to", on: ["change", () => { this.chosen = pick.value; }] },
      ...numbers.map((number) => make("option", { value: number, selected: number === to }, number)));
    const call = () => this.act(() => send("POST", "/calls", { from: this.number, to: pick.value }));
    this.to.append("to ", pick, button("plain", "Call it", call));
  }

  showCall() {
    const call = this.data.calls.find((one) => isLive(one));
    const rings = call?.status === "ringing" && call.direction !== "inbound";
    this.element.classList.toggle("rings", Boolean(rings));
    const words = { ringing: rings ? "Ringing" : "Calling", "in-progress": call?.answered_by === "voicemail" ? "Voicemail" : "In a call" };
    this.state.textContent = call ? words[call.status] : this.data.off ? "Off" : this.data.stopped ? "Stopped" : "";
    this.state.hidden = !this.state.textContent;
    const key = call ? `${call.sid} ${call.status}` : null;
    if (this.shownCall !== key) {
      this.shownCall = key;
      this.panel?.remove();
      this.panel = call ? (rings ? this.ringPanel(call) : this.callPanel(call)) : null;
      if (this.panel) this.screen.append(this.panel);
      this.thread.inert = Boolean(call);
    }
    if (call && !rings) this.fillCall(call);
  }

  doing(call, what, more = {}) {
    return this.act(() => send("POST", `/calls/${call.sid}`, { do: what, ...more }));
  }

  ringPanel(call) {
    return make("section", { className: "call ring", ariaLabel: "Incoming call" },
      make("span", { className: "bell" }, icon()), make("h3", {}, "Incoming call"), make("p", {}, `from ${nameOf(call.from)}`),
      make("div", { className: "choices" },
        button("big answer", "Answer", () => this.doing(call, "answer")),
        button("big decline", "Decline (busy)", () => this.doing(call, "busy")),
        button("big", "Voicemail", () => this.doing(call, "voicemail"))));
  }

  callPanel(call) {
    const other = call.direction === "inbound" ? call.to : call.from;
    this.timer = make("span");
    this.captions = make("ol", { className: "captions", tabIndex: 0, ariaLabel: "What is said", ariaLive: "polite" });
    this.hint = make("p", { className: "hint" });
    this.keys = make("div", { className: "keys", role: "group", ariaLabel: "Keypad" },
      ...KEYS.map((key) => button("", key, () => this.doing(call, "press", { keys: key }))));
    this.captionCount = 0;
    const words = make("input", { type: "text", maxLength: 300, placeholder: "Say something", ariaLabel: "Say something", autocomplete: "off" });
    this.talk = make("form", { className: "talk", hidden: true, on: ["submit", (event) => {
      event.preventDefault();
      if (words.value.trim()) this.doing(call, "talk", { words: words.value.trim() });
      words.value = "";
    }] }, words, make("button", { className: "send" }, "Say"));
    return make("section", { className: "call", ariaLabel: "Call" },
      make("header", {}, make("span", {}, call.direction === "inbound" ? "You called " : "Call from ", make("b", {}, nameOf(other))), this.timer),
      this.captions, this.hint, this.talk, this.keys,
      button("big decline", "Hang up", () => this.doing(call, "hang_up")));
  }

  fillCall(call) {
    const said = call.said.map((words, index) =>
      make("li", { className: call.speaking && index === call.said.length - 1 ? "now" : "" }, words));
    const heard = call.heard.map((one) => make("li", { className: "now other", "data-from": nameOf(one.from) }, one.words));
    this.captions.replaceChildren(...said, ...heard);
    if (this.captionCount !== said.length + heard.length) this.captions.scrollTop = this.captions.scrollHeight;
    this.captionCount = said.length + heard.length;
    const together = call.with.map(nameOf).join(", ");
    const hears = call.hears.length === call.with.length ? "" : ` and hears ${call.hears.map(nameOf).join(", ") || "nobody"}`;
    const pressed = call.keys ? `Pressed ${call.keys}. ` : "";
    this.hint.textContent = pressed + (together ? `On the line with ${together}${hears}.`
      : call.room ? "Waits in a room; nobody else is there yet."
        : call.status === "ringing" ? "Calling…"
          : call.answered_by === "voicemail" ? "The voicemail listens and presses nothing."
            : call.listening ? "It listens for a key. Press one:" : call.speaking ? "" : "Silence.");
    this.keys.classList.toggle("awaited", call.listening);
    this.talk.hidden = !together;
    this.tick();
  }

  tick() {
    const call = this.data.calls.find((one) => isLive(one));
    if (call?.answered_at && this.timer) this.timer.textContent = lasted(Math.max(0, (Date.now() + ahead - Date.parse(call.answered_at)) / 1000));
  }
}

function show(news) {
  if (started !== news.started) {
    started = news.started;
    for (const phone of phones.values()) phone.element.remove();
    phones.clear();
  }
  ahead = Date.parse(news.now) - Date.now();
  for (const data of news.handsets) {
    if (!phones.has(data.number)) phones.set(data.number, new Phone(data.number));
    phones.get(data.number).data.name = data.name;
  }
  for (const data of news.handsets) phones.get(data.number).update(data);
  document.getElementById("empty").hidden = phones.size > 0;
  showRinging();
  showFaults(news.faults);
  showRooms(news.rooms);
  arrange();
}

function arrange() {
  const wanted = [...phones.values()].sort((a, b) => {
    const one = a.data.active_at || "", other = b.data.active_at || "";
    return one < other ? 1 : one > other ? -1 : a.number < b.number ? -1 : 1;
  });
  const writes = [...phones.values()].some((phone) => phone.input.value && phone.input === document.activeElement);
  const still = !writes && Date.now() - touched > REST_MS;
  wanted.forEach((phone, index) => {
    const there = place.children[index];
    if (phone.element === there) return;
    if (!phone.element.isConnected) place.insertBefore(phone.element, still ? there || null : null);
    else if (still) place.moveBefore ? place.moveBefore(phone.element, there) : place.insertBefore(phone.element, there);
    else return;
    if (!phone.placed) phone.thread.scrollTop = phone.thread.scrollHeight;
    phone.placed = true;
  });
}

function showRinging() {
  const ringing = [...phones.values()].filter((phone) => phone.element.classList.contains("rings"));
  document.title = ringing.length ? `(${ringing.length} ringing) Phones` : "Phones";
  const strip = document.getElementById("ringing");
  const look = ringing.map((phone) => phone.number).join();
  if (strip.dataset.look === look) return;
  strip.dataset.look = look;
  strip.replaceChildren(...ringing.map((phone) => make("a", { href: `#${phone.element.id}` }, `${nameOf(phone.number)} is ringing`)));
}

function showFaults(faults) {
  const rows = faults.map((fault) => make("li", {}, `${fault.on}${fault.to ? ` to ${nameOf(fault.to)}` : ""}: ${fault.means}${fault.times ? `, ${fault.times} more` : ""}`));
  const clear = button("plain", "Let everything work again", () => send("DELETE", "/faults"));
  document.getElementById("faults").replaceChildren(...(rows.length ? [make("div", { className: "notice" }, "The network has been told to misbehave. ", clear, make("ul", {}, ...rows))] : []));
}

function showRooms(rooms) {
  const says = (one) => {
    const held = one.hold ? ", on hold" : one.muted ? ", muted" : "";
    return `hears ${one.hears.map(nameOf).join(" and ") || "nobody"}${held}`;
  };
  document.getElementById("rooms").replaceChildren(...rooms.map((room) => make("section", { className: "room" },
    make("h2", {}, room.private ? "Two phones on one line" : `Conference ${room.name}${room.status === "init" ? " (not started)" : ""}`),
    make("ul", {}, ...room.people.map((one) => make("li", {}, `${nameOf(one.number)} `, make("span", {}, says(one))))))));
}

async function follow() {
  const link = document.getElementById("link");
  for (;;) {
    let wait = BATCH_MS;
    try {
      const since = started === null ? "" : `&started=${encodeURIComponent(started)}`;
      const answer = await fetch(`/sim/live?after=${version}&seconds=25${since}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      version = news.version;
      show(news);
      link.textContent = "Live";
      link.classList.remove("away");
    } catch {
      link.textContent = "Not connected: trying again";
      link.classList.add("away");
      wait = RETRY_MS;
    }
    await new Promise((done) => setTimeout(done, wait));
  }
}

for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { touched = Date.now(); }, true);
setInterval(() => { for (const phone of phones.values()) phone.tick(); arrange(); }, 1000);
follow();
