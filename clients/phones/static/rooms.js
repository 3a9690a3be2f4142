// The conferences: a box for each room, with who is in it and who can hear whom.

import { icon, make, nameOf } from "./parts.js";

const list = (numbers) => numbers.map(nameOf).join(" and ");

function person(one, room) {
  const others = room.people.filter((other) => other !== one);
  const listeners = others.filter((other) => other.hears.includes(one.number)).map((other) => other.number);
  const quiet = one.muted || one.hold;
  const state = one.hold ? "on hold" : one.muted ? "muted" : "";
  const alone = !others.length;
  return make("li", { className: `member ${one.kind}${quiet ? " quiet" : ""}` },
    make("span", { className: "mouth", ariaHidden: "true" }, icon(quiet ? "silent" : "microphone", 20)),
    make("div", {},
      make("p", { className: "member-name" }, one.name || one.number, ...(state ? [" ", make("span", { className: "badge" }, state)] : [])),
      make("p", {}, alone ? "Nobody else is there yet" : `Hears ${list(one.hears) || "nobody"}`),
      ...(alone ? [] : [make("p", {}, `Heard by ${list(listeners) || "nobody"}`)])));
}

export function showRooms(rooms) {
  const place = document.getElementById("rooms");
  const look = JSON.stringify(rooms);
  if (place.dataset.look === look) return;
  place.dataset.look = look;
  place.replaceChildren(...rooms.map((room) => make("section", { className: "room", ariaLabel: `Conference ${room.name}` },
    make("h2", {}, room.private ? "Two phones on one line" : `Conference ${room.name}`,
      make("span", { className: "badge" }, room.status === "init" ? "not started" : `${room.people.length} on the line`)),
    make("ul", {}, ...room.people.map((one) => person(one, room))))));
}
