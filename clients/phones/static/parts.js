// What every part of the handsets page uses: making elements, words for times, and the phones known.

// Every phone on the page, by number.
export const phones = new Map();

export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "on") element.addEventListener(...value);
    else if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (className, label, act, given = {}) =>
  make("button", { type: "button", className, on: ["click", act], ...given }, label);

const PATHS = {
  handset: "M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z",
  headset: "M12 3a9 9 0 0 0-9 9v6a2 2 0 0 0 2 2h2a1 1 0 0 0 1-1v-5a1 1 0 0 0-1-1H5v-1a7 7 0 0 1 14 0v1h-2a1 1 0 0 0-1 1v5a1 1 0 0 0 1 1h1.8a1.5 1.5 0 0 1-1.3 1H13v1.5h4.5a3 3 0 0 0 2.95-2.55A2 2 0 0 0 21 18v-6a9 9 0 0 0-9-9z",
  microphone: "M12 14a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5.3a6.7 6.7 0 0 0 5.85 6.65V21h1.7v-3.35A6.7 6.7 0 0 0 18.7 11z",
  silent: "M12 14a3 3 0 0 0 1.6-.46L9 8.94V11a3 3 0 0 0 3 3zm3-3V6a3 3 0 0 0-5.86-.9L15 10.96zm2 0a5 5 0 0 1-.6 2.36l1.25 1.25A6.7 6.7 0 0 0 18.7 11zM3.3 2.3 2 3.6l18.4 18.4 1.3-1.3-5.1-5.1-.02.01-1.26-1.26.01-.02L3.3 2.3zM7 11H5.3a6.7 6.7 0 0 0 5.85 6.65V21h1.7v-3.35c.6-.07 1.2-.23 1.75-.47l-1.3-1.3A5 5 0 0 1 7 11z",
};

export function icon(name, size) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [attribute, value] of [["viewBox", "0 0 24 24"], ["width", size], ["height", size], ["aria-hidden", "true"]])
    svg.setAttribute(attribute, value);
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("fill", "currentColor");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export const nameOf = (number) => phones.get(number)?.data.name || number;
export const time = (at) => new Date(at).toLocaleTimeString("en-GB");
export const lasted = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
export const isLive = (call) => call.status === "ringing" || call.status === "in-progress";

// How far the network's clock is ahead of ours, in milliseconds, and when the page was last touched.
export const moment = { ahead: 0, touched: 0 };

// Our numbers differ in their last digits; the whole one stands in the title.
export const short = (number) => `…${number.slice(-4)}`;

export async function send(method, path, body) {
  const answer = await fetch(`/sim${path}`, {
    method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? null),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || `Error ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}
