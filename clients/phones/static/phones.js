// The handsets page: shows what the network says, the phones in their places and the rooms above.

import { button, make, moment, nameOf, phones, send } from "./parts.js";
import { Phone } from "./phone.js";
import { showRooms } from "./rooms.js";

// Phones change places only when nobody has touched the page for so long.
const REST_MS = 4000;
const BATCH_MS = 80;
const RETRY_MS = 1000;
const KINDS = ["person", "line_phone", "control_room"];

const place = document.getElementById("phones");
let version = 0;
let started = null;

function show(news) {
  if (started !== news.started) {
    started = news.started;
    for (const phone of phones.values()) phone.element.remove();
    phones.clear();
  }
  moment.ahead = Date.parse(news.now) - Date.now();
  for (const data of news.handsets) {
    if (!phones.has(data.number)) phones.set(data.number, new Phone(data.number));
    phones.get(data.number).data.name = data.name;
  }
  const top = place.getBoundingClientRect().top;
  for (const data of news.handsets) phones.get(data.number).update(data);
  document.getElementById("empty").hidden = phones.size > 0;
  showRinging();
  showFaults(news.faults);
  showRooms(news.rooms);
  // What comes above the phones pushes nothing away under a hand that is about to press.
  if (inHand()) scrollBy(0, place.getBoundingClientRect().top - top);
  arrange();
}

const inHand = () => Date.now() - moment.touched <= REST_MS;

function arrange() {
  const wanted = [...phones.values()].sort((a, b) => {
    const one = a.data.active_at || "", other = b.data.active_at || "";
    const kinds = KINDS.indexOf(a.data.kind) - KINDS.indexOf(b.data.kind);
    return one < other ? 1 : one > other ? -1 : kinds || (a.number < b.number ? -1 : 1);
  });
  const writes = [...phones.values()].some((phone) => phone.input.value && phone.input === document.activeElement);
  const still = !writes && !inHand();
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

for (const kind of ["pointerdown", "pointermove", "keydown"]) addEventListener(kind, () => { moment.touched = Date.now(); }, true);
setInterval(() => { for (const phone of phones.values()) phone.tick(); arrange(); }, 1000);
follow();
