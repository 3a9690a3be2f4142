"""The browser the other tests use: it runs, shows text, and tells on a page that complains."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser import Windows, accessibility_faults
from tests.chromium import Chromium, NoChromiumError, find_chromium

SMALL_PAGE = "data:text/html,<html lang=en><title>Booth</title><main><h1>Harbour House</h1></main>"

in_the_browser = pytest.mark.asyncio(loop_scope="session")


@in_the_browser
async def test_a_page_is_shown_with_its_words(windows: Windows) -> None:
    page = await windows.open(SMALL_PAGE)
    await expect(page.get_by_role("heading")).to_have_text("Harbour House")
    # Text without a font has no size and is taken for hidden.
    await expect(page.get_by_role("heading")).to_be_visible()


@in_the_browser
async def test_each_window_is_a_visitor_of_its_own_unless_opened_beside(
    windows: Windows, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><title>Device</title>")
    first = await windows.open(file.as_uri())
    await first.evaluate("localStorage.setItem('token', 'one')")
    beside = await windows.open(file.as_uri(), beside=first)
    other = await windows.open(file.as_uri())
    assert await beside.evaluate("localStorage.getItem('token')") == "one"
    assert await other.evaluate("localStorage.getItem('token')") is None


@in_the_browser
async def test_a_complaint_is_kept_unless_it_is_forgiven(browser: Browser) -> None:
    windows = Windows(browser)
    page = await windows.open(SMALL_PAGE)
    windows.forgive("line is away")
    await page.evaluate("console.error('the line is away'); console.error('broken')")
    # A thrown error reaches us on its own way, so it is waited for.
    async with page.expect_event("pageerror"):
        await page.evaluate("setTimeout(() => { throw new Error('lost') })")
    await windows.close()
    assert len(windows.unforgiven()) == 2
    assert "broken" in windows.unforgiven()[0]
    assert "lost" in windows.unforgiven()[1]


@in_the_browser
async def test_what_hinders_people_is_found(windows: Windows) -> None:
    page = await windows.open(SMALL_PAGE + "<button></button>")
    faults = await accessibility_faults(page)
    assert [fault.split(" at ")[0] for fault in faults] == ["button-name"]


def test_the_browser_that_is_named_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "chromium"
    program.touch(mode=0o755)
    monkeypatch.setenv("DIRECTLINE_CHROMIUM", str(program))
    assert find_chromium() == Chromium(program)


def test_a_named_browser_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTLINE_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NoChromiumError, match="names no program: /nowhere/chromium"):
        find_chromium()
