"""A made-up language, 40 % longer: what is in no catalogue stands out, and nothing overflows."""

import html
import json
import re
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Route, expect

from tests.pages import NOT_KNOWN, OFFLINE, Booth, House, Window
from tests.test_pages_responder import link

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = [(360, 740), (1280, 800)]
WRAP = """
export function t(...given) {
  const text = plain(...given);
  const more = Math.ceil([...text].length * 0.4);
  return `⟦${text}${'longer '.repeat(more).slice(0, more).trimEnd()}⟧`;
}
function plain("""
UNSAID = """
(() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { nodeValue, parentElement } = texts.currentNode;
    const ours = parentElement.closest('[lang]') === document.documentElement;
    if (!ours || !parentElement.checkVisibility()) continue;
    let left = nodeValue;
    // One word may stand within another, so the innermost goes first.
    while (left.includes('⟦')) left = left.replaceAll(/⟦[^⟦⟧]*⟧/g, '');
    if (/\\p{L}{2}/u.test(left)) found.push(left.trim());
  }
  return found;
})()
"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
NAMES = re.compile(
    r"Directline|Harbour House|Booth|BOOTH( 0?\d)?|Sam|Maximiliaan|Kim|Noor|Jo|Alex|Also coming: |"
    r"Button 3|Wall|TV-2|Tab-1|H\d{3}|Damrak.*|green door.*|[A-Z][a-z]{2}, [A-Z][a-z]{2} \d+|Esc|"
    r"today|in \d+ days"
)
"""What a site calls itself, its places, people and devices, nobody translates; days the browser."""


def longer(text: str) -> str:
    """The same in the made-up language."""
    more = -(-len(text) * 4 // 10)
    return f"⟦{text}{('longer ' * more)[:more].rstrip()}⟧"


async def speak_longer(context: BrowserContext) -> None:
    """From now on the pages of this browser say everything in the made-up language."""

    async def script(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert text.count("export function t(") == 1
        await route.fulfill(
            response=answer, body=text.replace("export function t(", f"{WRAP.lstrip()}", 1)
        )

    async def page(route: Route) -> None:
        if "html" not in route.request.headers.get("accept", ""):
            await route.continue_()
            return
        answer = await route.fetch()
        text = await answer.text()
        said = re.search(r'data-words="([^"]*)"', text)
        assert said
        words: dict[str, str] = json.loads(html.unescape(said[1]))
        other = {key: longer(word) for key, word in words.items()}
        text = text.replace(said[1], html.escape(json.dumps(other)))
        for word in sorted({*words.values()}, key=len, reverse=True):
            text = text.replace(f">{html.escape(word)}<", f">{html.escape(longer(word))}<")
        for word in ("Coordinator: Jo", "CALL 112"):
            text = text.replace(f">{word}<", f">{longer(word)}<")
        await route.fulfill(response=answer, body=text)

    await context.route("**/web/strings.js", script)
    await context.route("**/r/*", page)


async def whole(window: Window, name: str) -> None:
    """Everything on it is in the catalogue, and there is room for longer words."""
    for width, height in SIZES:
        await window.page.set_viewport_size({"width": width, "height": height})
        # Two frames later the page has been laid out anew.
        await window.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        wide = await window.page.evaluate(TOO_WIDE)
        assert wide <= 0, f"{name} at {width}: {wide} px too wide"
    assert await unsaid(window) == [], name


async def unsaid(window: Window) -> list[str]:
    """What it says that is in no catalogue, names aside."""
    left: list[str] = await window.page.evaluate(UNSAID)
    return [text for text in left if re.search(r"[^\W\d_]{2}", NAMES.sub("", text))]


async def opened(house: House, path: str, **options: Any) -> Window:
    """A page in the made-up language."""
    page = await house.windows.open("about:blank", service_workers="block", **options)
    await speak_longer(page.context)
    await page.goto(f"{house.url}{path}")
    return Window(page)


async def test_the_booth_has_room_and_says_nothing_of_its_own(house: House) -> None:
    house.windows.forgive(f"{OFFLINE}|{NOT_KNOWN}")
    state = await (await house.booth(3)).context.storage_state()
    booth = Booth((await opened(house, "/booth", storage_state=state)).page)
    await booth.shows("⟦HELP", "#word")
    await booth.is_in("state", "ready")
    await whole(booth, "ready")
    await booth.press()
    await booth.is_in("state", "sent")
    await whole(booth, "sent")
    await house.act("on_my_way", "sam")
    await booth.is_in("state", "coming")
    await whole(booth, "coming")
    await booth.context.set_offline(True)
    await booth.press()
    await booth.is_in("state", "not_sent")
    await whole(booth, "not sent")
    stranger = Booth((await opened(house, "/booth")).page)
    await stranger.is_in("state", "unpaired")
    await whole(stranger, "not paired")


async def test_the_first_pages_have_room_and_say_nothing_of_their_own(house: House) -> None:
    house.windows.forgive(f"{NOT_KNOWN}|status of 404")
    home = await opened(house, "/")
    await home.shows("⟦This browser is not paired yet.", "#held")
    await whole(home, "/")
    bare = await opened(house, "/pair")
    await bare.shows("⟦The code is on the screen", "#about")
    await whole(bare, "/pair")
    pair = await opened(house, "/pair#XXXX")
    await pair.shows("⟦Pair this device")
    await expect(pair.at("#about")).to_be_hidden()
    await whole(pair, "/pair with a code")
    await pair.at("#pair").click()
    await pair.shows("⟦This code is not right")
    await whole(pair, "/pair, wrong")
    made = house.add("booth", 3, "Button 3")
    pair = await opened(house, f"/pair#{made.code}")
    await pair.at("#pair").click()
    await expect(pair.at("#go")).to_be_visible()
    await whole(pair, "/pair, done")


async def test_the_responders_page_has_room_and_says_nothing_of_its_own(house: House) -> None:
    house.windows.forgive(OFFLINE)
    await house.press(3)
    page = await opened(house, await link(house, "kim"))
    await page.shows("⟦NO ONE YET")
    await whole(page, "asked")
    await page.at("[value=on_my_way]").click()
    await page.is_in("me", "coming")
    await page.at("summary").click()
    await whole(page, "coming")
    await page.context.set_offline(True)
    await page.at("[value=more_people]").click()
    await page.is_in("net", "away")
    await whole(page, "no network")
