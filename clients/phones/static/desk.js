// The desk of a control room: what a dispatcher does with a call, and how one behaves by itself.

import { button, isLive, make, send } from "./parts.js";

const KEYS = [["1", "speak to staff"], ["2", "what is done"], ["9", "accept"]];
const GREETING = "This is the control room. Nobody can take your call now. Leave a message.";
const NOTHING = { off: null, voicemail: null, busy: null, pick_up: null, greeting: null };

// How a dispatcher may behave, in the words of the page and as a habit of the handset.
const HABITS = {
  "By hand": NOTHING,
  "Answers after 6 s, presses 1": { ...NOTHING, pick_up: { after: 6, keys: "WWWW1" } },
  "Answers, presses 2, then 1": { ...NOTHING, pick_up: { after: 6, keys: "WWWW2WWWWWWWWWWWW1" } },
  "Answers and accepts with 9": { ...NOTHING, pick_up: { after: 6, keys: "WWWWWW9" } },
  "Answers and stays silent": { ...NOTHING, pick_up: { after: 6, keys: "" } },
  "Hangs up in the middle": { ...NOTHING, pick_up: { after: 6, keys: "", hang_up_after: 5 } },
  "Voicemail answers": { ...NOTHING, voicemail: true, greeting: { text: GREETING, after: 6, stays: 60 } },
  "Is busy": { ...NOTHING, busy: true },
  "Is switched off": { ...NOTHING, off: true },
};

const alike = (data, habit) =>
  Boolean(data.off) === Boolean(habit.off)
  && Boolean(data.busy) === Boolean(habit.busy)
  && Boolean(data.voicemail) === Boolean(habit.voicemail)
  && ["after", "keys", "hang_up_after"].every((name) => (data.pick_up?.[name] ?? null) === (habit.pick_up?.[name] ?? null));

export class Desk {
  constructor(phone) {
    this.phone = phone;
    this.answers = this.act("answer", "Answer", () => phone.doing(this.call, "answer"));
    this.hangsUp = this.act("decline", "Hang up", () => phone.doing(this.call, "hang_up"));
    this.keys = KEYS.map(([key]) => button("desk-key", "", () => phone.doing(this.call, "press", { keys: key })));
    this.keys.forEach((element, index) => element.append(make("b", {}, KEYS[index][0]), " ", make("span", {}, KEYS[index][1])));
    this.choice = make("select", { ariaLabel: "What the dispatcher does by itself", on: ["change", () => this.choose()] });
    this.element = make("div", { className: "desk", hidden: true },
      make("div", { className: "desk-keys", role: "group", ariaLabel: "The dispatcher" }, this.answers, ...this.keys, this.hangsUp),
      make("label", { className: "by-itself" }, make("span", {}, "By itself"), this.choice));
  }

  act(className, label, what) {
    return button(`big ${className}`, label, what);
  }

  choose() {
    const habit = HABITS[this.choice.value];
    if (habit) this.phone.act(() => send("PUT", `/handsets/${encodeURIComponent(this.phone.number)}`, habit));
  }

  update(data) {
    this.element.hidden = data.kind !== "control_room";
    if (this.element.hidden) return;
    this.call = data.calls.find((one) => isLive(one));
    this.answers.disabled = this.call?.status !== "ringing";
    this.hangsUp.disabled = !this.call;
    for (const key of this.keys) {
      key.disabled = this.call?.status !== "in-progress";
      key.classList.toggle("awaited", Boolean(this.call?.listening));
    }
    const found = Object.keys(HABITS).find((name) => alike(data, HABITS[name])) || "As it was told";
    const look = JSON.stringify(found);
    if (this.look === look) return;
    this.look = look;
    const names = found in HABITS ? Object.keys(HABITS) : [found, ...Object.keys(HABITS)];
    this.choice.replaceChildren(...names.map((name) => make("option", { value: name, selected: name === found }, name)));
  }
}
