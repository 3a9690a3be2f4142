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


async def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds wrong with what the window shows: rule, element and why, one a line."""
    if not await page.evaluate("'axe' in globalThis"):
        await page.evaluate(axe_script())
    found: dict[str, Any] = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{fault['id']} at {' '.join(map(str, node['target']))}: {fault['help']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


async def faults_in(look: str, page: Page) -> list[str]:
    """The same, dark or light: a wall has that by its address, other pages by the device."""
    await page.emulate_media(color_scheme="light" if look == "light" else "dark")
    await page.evaluate("(look) => { document.documentElement.dataset.look = look; }", look)
    found = [f"{look}: {fault}" for fault in await accessibility_faults(page)]
    await page.evaluate("delete document.documentElement.dataset.look")
    return found
