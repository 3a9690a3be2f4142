"""A real Chromium for tests: starts it, opens windows in it and listens to what they complain of.

It never skips by itself: without a browser a test fails with one line that says what to do.
"""

import os
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    async_playwright,
)

from tests.chromium import axe_script, find_chromium, node_program

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
NO_SERVER = r"ERR_(CONNECTION_\w+|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)"
"""What a browser says when nobody answers any more, each time one of these."""
COLOUR_RULES = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that a palette decides; all others see the same in each."""
EDGELESS = """
[...document.querySelectorAll('button, a.act, a.quiet, input, select')]
  .filter((one) => one.checkVisibility() && !one.matches('[type=checkbox], [type=range]'))
  .filter((one) => {
    const { borderTopWidth, textDecorationLine } = getComputedStyle(one);
    return parseFloat(borderTopWidth) < 1 && textDecorationLine === 'none';
  })
  .map((one) => `${one.id || one.className} has no edge: ${one.textContent.trim().slice(0, 30)}`)
"""
ARRIVED = """
() => Promise.allSettled(document.getAnimations()
  .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
  .map((one) => one.finished)).then(() => {})
"""
PALE = """
[...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
    && !one.closest('.unseen, [hidden]'))
  .filter((one) => {
    const [red, green, blue, alpha = 1] = getComputedStyle(one).color.match(/[\\d.]+/g).map(Number);
    const part = (value) => (255 - (255 - value) * alpha) / 255;
    const bright = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const luminance = 0.2126 * bright(part(red)) + 0.7152 * bright(part(green))
      + 0.0722 * bright(part(blue));
    return 1.05 / (luminance + 0.05) < 4.5;
  })
  .map((one) => `${one.id || one.className}: ${one.textContent.trim().slice(0, 40)}`)
"""


class Windows:
    """The windows one test opens. Each is a visitor of its own, unless opened beside another."""

    def __init__(self, browser: Browser) -> None:
        """Nothing is open yet. What is set as `prepare` is done to each new visitor's browser."""
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._forgiven: list[re.Pattern[str]] = []
        self.prepare: Callable[[BrowserContext], Awaitable[None]] | None = None
        self.complaints: list[str] = []

    async def open(self, url: str, *, beside: Page | None = None, **options: Any) -> Page:
        """A window showing `url`; `beside` shares cookies and storage with that window.

        `options` are those of Playwright's new_context: viewport, locale, color_scheme …
        """
        if self.prepare and not beside:
            options = {"service_workers": "block", **options}  # They would fetch unseen by us.
        context = beside.context if beside else await self._browser.new_context(**options)
        if beside is None:
            self._contexts.append(context)
            if self.prepare:
                await self.prepare(context)
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", self._broke)
        await page.goto(url)
        return page

    def forgive(self, pattern: str) -> None:
        """Let complaints pass that this regular expression is found in, such as a killed server."""
        self._forgiven.append(re.compile(pattern))

    def unforgiven(self) -> list[str]:
        """Every console error and uncaught exception so far that no pattern lets pass."""
        return [
            complaint
            for complaint in self.complaints
            if not any(pattern.search(complaint) for pattern in self._forgiven)
        ]

    async def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            await context.close()
        self._contexts.clear()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _broke(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")


@asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """A running Chromium; one serves the whole test run. Raises NoChromiumError."""
    chromium = find_chromium()
    # The node that Playwright brings needs a library which a bare Debian does not have.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node_program()))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.program,
            args=FLAGS,
            env={**os.environ, **chromium.environment},
        )
        yield browser
        await browser.close()


async def accessibility_faults(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong with what the window shows: rule, element and why, one a line.

    With `rules` it looks for these alone.
    """
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(axe_script())
    await page.evaluate(ARRIVED)  # What is still half there has half its contrast.
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found: dict[str, Any] = await page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{fault['id']} at {' '.join(map(str, node['target']))}: {fault['help']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


async def faults_in(look: str, page: Page) -> list[str]:
    """The same, dark and light, first as in `look`; in the other, what colours decide.

    A wall has its look by its address, other pages by the device.
    """
    other = "dark" if look == "light" else "light"
    found: list[str] = []
    for palette, rules in ((look, ()), (other, COLOUR_RULES)):
        await page.emulate_media(color_scheme="light" if palette == "light" else "dark")
        await page.evaluate("(look) => { document.documentElement.dataset.look = look; }", palette)
        found += [f"{palette}: {fault}" for fault in await accessibility_faults(page, *rules)]
    await page.evaluate("delete document.documentElement.dataset.look")
    return found


async def faults_when_forced(page: Page) -> list[str]:
    """What is wrong where the system chooses the colours: what is touched and has no edge.

    Words are then the system's; axe-core would reckon with colours that are not shown.
    """
    await page.emulate_media(forced_colors="active")
    found: list[str] = await page.evaluate(EDGELESS)
    await page.emulate_media(forced_colors="none")
    return [f"forced colours: {fault}" for fault in found]


async def faults_in_print(page: Page) -> list[str]:
    """What would not be read on paper, where grounds are not printed."""
    await page.emulate_media(media="print")
    found: list[str] = await page.evaluate(PALE)
    await page.emulate_media(media="screen")
    return [f"print: {fault}" for fault in found]
