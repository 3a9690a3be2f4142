// One handset: its texts and calls, and what the person with it can do.
// It keeps no state of its own that matters; a reload shows the same phone.

import { Desk } from "./desk.js";
import { button, icon, isLive, lasted, make, moment, nameOf, phones, send, short, time } from "./parts.js";

const QUICK = ["1", "0", "2", "3", "4", "7", "99"];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SWITCHES = [["off", "Phone off"], ["voicemail", "Voicemail"], ["busy", "Busy"]];
const ENDINGS = {
  completed: "Call", busy: "Call turned away (busy)", "no-answer": "Missed call",
  failed: "Call failed in the network", canceled: "Call ended by the caller",
};
const KINDS = { line_phone: "Line phone", control_room: "Control room" };

function initials(data) {
  if (!data.name) return data.number.slice(-2);
  return data.name.split(/\s+/).slice(0, 2).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] || "").join("").toUpperCase();
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

export class Phone {
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
    this.desk = new Desk(this);
    this.reply = make("div", {}, make("p", { className: "label" }, "Reply by text"),
      make("div", { className: "quick", role: "group", ariaLabel: "Reply by text" },
        ...QUICK.map((word) => button("", word, () => this.text(word), { ariaLabel: `Reply ${word}` }))),
      write);
    this.flips = make("div", { className: "switches" }, ...this.switches);
    this.element = make("article", { className: "phone", id: `phone-${this.number.slice(1)}` },
      make("div", { className: "who" }, this.face, make("div", {}, this.title, this.sub), this.state),
      this.habit, this.screen, this.desk.element, this.reply, this.flips, this.problem);
  }

  async act(what) {
    moment.touched = Date.now();
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
    this.showKind();
    this.element.classList.toggle("off", data.off);
    SWITCHES.forEach(([name], index) => this.switches[index].setAttribute("aria-checked", String(data[name])));
    this.several = new Set(data.texts.map((text) => (text.direction === "inbound" ? text.to : text.from))).size > 1;
    this.showHabit();
    this.showThread();
    this.showCall();
    this.showTo();
  }

  // A person texts; a fixed phone and a control room only take calls.
  showKind() {
    const { name, number, kind } = this.data;
    const dispatcher = kind === "control_room";
    this.face.replaceChildren(kind === "person" ? initials(this.data) : icon(dispatcher ? "headset" : "handset", 24));
    this.title.textContent = name || number;
    const said = KINDS[kind] && !name?.includes(KINDS[kind]) ? KINDS[kind] : "";
    this.sub.textContent = [said, name ? number : ""].filter(Boolean).join(" · ");
    this.element.dataset.kind = kind;
    this.reply.hidden = kind !== "person";
    this.flips.hidden = dispatcher;
    this.desk.update(this.data);
  }

  showHabit() {
    const { reply, pick_up: picks, stopped } = this.data;
    const words = [];
    if (reply) words.push(`replies “${reply.text}” after ${reply.after} s`);
    if (picks) words.push(`picks up after ${picks.after} s${picks.keys ? ` and presses ${picks.keys}` : ""}`);
    if (this.data.kind === "control_room") words.length = 0;
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
    return make("section", { className: "call ring", ariaLabel: `Incoming call, ${nameOf(this.number)}` },
      make("span", { className: "bell" }, icon("handset", 36)), make("h3", {}, "Incoming call"), make("p", {}, `from ${nameOf(call.from)}`),
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
    return make("section", { className: "call", ariaLabel: `Call, ${nameOf(this.number)}` },
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
    if (call?.answered_at && this.timer) this.timer.textContent = lasted(Math.max(0, (Date.now() + moment.ahead - Date.parse(call.answered_at)) / 1000));
  }
}
