"""A page's feed over time: it is never pretended, never silently dead, and skips nothing."""

from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from tests.frames import Json, alert, event, snapshot
from tests.lone_page import LonePage

SERVER = datetime(2026, 11, 23, 14, 4, 9, tzinfo=UTC)


@pytest.fixture
def page() -> Generator[LonePage]:
    """A page with a feed that has asked for its first socket."""
    alone = LonePage()
    alone.live()
    yield alone
    alone.end()


def links(page: LonePage) -> list[str]:
    """What the page was told of its connection."""
    return page.see("return world.links")


def told(page: LonePage) -> list[int]:
    """The numbers of the frames that the page was told of."""
    return page.see("return world.frames")


def opened(page: LonePage) -> list[float]:
    """When the page opened a socket, in seconds."""
    return [one["at"] for one in page.sockets]


def looked(page: LonePage) -> list[float]:
    """When it asked by plain HTTP whether anybody is there."""
    return [one["at"] for one in page.asked("/healthz")]


def beat(seconds: float, seq: int = 1) -> Json:
    """A word of the server, that many seconds by its clock after the story began."""
    moment = datetime.fromtimestamp(SERVER.timestamp() + seconds, UTC)
    stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": "beat", "seq": seq, "server_time": stamp}


def test_a_feed_is_open_once_the_server_has_spoken(page: LonePage) -> None:
    assert page.sockets == [{"at": 0, "query": "as=tablet", "closed": False}]
    assert links(page) == []
    page.says(snapshot())
    assert (links(page), told(page)) == (["open"], [1])


def test_a_server_that_is_away_is_looked_for_and_the_feed_goes_on_where_it_was(
    page: LonePage,
) -> None:
    """Less and less often, but every five seconds at the least; and soon again the next time."""
    page.says(snapshot(alert(3)))
    page.closes()
    for wait in (0.5, 1, 2, 4, 5, 5):
        before = len(looked(page))
        page.passes(wait - 0.01)
        assert len(looked(page)) == before
        page.passes(0.01)
        assert len(looked(page)) == before + 1
        page.answer(503 if wait == 2 else 0)
    assert opened(page) == [0], "a server that is not well is not asked for a feed"
    page.passes(5)
    page.answer(200)
    assert page.sockets[-1] == {"at": 22.5, "query": "as=tablet&after=1&epoch=e", "closed": False}
    assert links(page) == ["open", "connecting"]
    page.says({"type": "resumed", "epoch": "e", "seq": 1})
    assert links(page) == ["open", "connecting", "open"]
    page.closes()
    page.passes(0.5)
    assert looked(page)[-1] == 23


def test_a_look_that_hangs_is_given_up_after_five_seconds(page: LonePage) -> None:
    page.closes()
    page.passes(0.5)
    page.happens("online")
    assert looked(page) == [0.5], "one at a time"
    page.passes(5)
    page.passes(1)
    assert looked(page) == [0.5, 6.5]


def test_a_socket_that_never_speaks_is_given_up_after_five_seconds(page: LonePage) -> None:
    page.passes(5)
    assert page.sockets[0]["closed"] is False
    page.passes(0.5)
    assert page.sockets[0]["closed"] is True
    page.passes(0.5)
    page.answer(200)
    assert opened(page) == [0, 6]


def test_a_socket_that_falls_silent_is_dead_after_ten_seconds(page: LonePage) -> None:
    page.says(snapshot())
    page.passes(4)
    page.says(beat(4))
    page.passes(10)
    assert page.sockets[0]["closed"] is False
    page.passes(0.5)
    assert page.sockets[0]["closed"] is True
    assert links(page) == ["open", "connecting"]


def test_what_a_socket_says_that_was_given_up_is_not_heard(page: LonePage) -> None:
    """Neither its late words nor its end."""
    page.says(snapshot())
    page.passes(10.5)
    page.passes(0.5)
    page.answer(200)
    page.says({"type": "resumed", "epoch": "e", "seq": 1})
    page.says(event(2, "pressed", alert(3)), socket=0)
    page.closes(socket=0)
    assert told(page) == [1, 1]
    assert links(page)[-1] == "open"
    page.passes(5)
    assert len(looked(page)) == 1


def test_a_gap_is_closed_by_a_whole_snapshot(page: LonePage) -> None:
    page.says(snapshot(alert(3)))
    page.says(event(4, "pressed_again", alert(3, presses=2)) | {"prev": 3})
    assert told(page) == [1]
    assert [one["query"] for one in page.sockets] == ["as=tablet", "as=tablet"]
    assert page.sockets[0]["closed"] is True
    page.says(snapshot(alert(3, presses=2)) | {"seq": 4})
    assert told(page) == [1, 4]
    page.says(event(5, "pressed_again", alert(3, presses=3)) | {"prev": 4})
    assert told(page) == [1, 4, 5]


def test_an_event_that_comes_twice_is_told_once(page: LonePage) -> None:
    page.says(snapshot())
    for seq in (2, 2, 1, 3):
        page.says(event(seq, "pressed", alert(3)) | {"prev": seq - 1})
    assert told(page) == [1, 2, 3]


@pytest.mark.parametrize(
    ("code", "link", "wait", "query"),
    [
        (4401, "unpaired", 5, "as=tablet&after=1&epoch=e"),
        (4403, "refused", 5, "as=tablet&after=1&epoch=e"),
        (4409, "crowded", 30, "as=tablet&after=1&epoch=e"),
        (1012, "connecting", 0.5, "as=tablet&after=1&epoch=e"),
        (1008, "connecting", 0.5, "as=tablet"),
    ],
)
def test_why_the_server_ended_a_feed_is_told_and_it_is_tried_again(
    page: LonePage, code: int, link: str, wait: float, query: str
) -> None:
    """After nonsense with everything anew: what we held may be what was wrong."""
    page.says(snapshot())
    page.closes(code)
    assert links(page) == ["open", link]
    page.happens("online")
    early = looked(page)
    assert early == ([0] if link == "connecting" else []), "who was turned away does not hurry"
    if not early:
        page.passes(wait)
        assert looked(page) == [wait]
    page.answer(200)
    assert page.sockets[-1]["query"] == query


def test_a_question_is_asked_anew_and_what_is_told_outlives_the_page(page: LonePage) -> None:
    """No answer is ever an old one, and a press is sent although the page is left."""
    page.closes()
    page.passes(0.5)
    (looked_,) = page.asked("/healthz")
    assert looked_["how"] == {
        "method": "GET",
        "cache": "no-store",
        "keepalive": False,
        "headers": {},
    }
    page.see("(await load('live.js')).ask('/v1/presses', { as: 'booth', body: { press_id: 'p' } })")
    (told_,) = page.asked("/v1/presses")
    assert (told_["as"], told_["body"]) == ("booth", {"press_id": "p"})
    assert told_["how"] == {
        "method": "POST",
        "cache": "no-store",
        "keepalive": True,
        "headers": {"Content-Type": "application/json"},
    }


@pytest.mark.parametrize(
    ("status", "cut", "told"),
    [(200, False, 200), (200, True, 0), (201, True, 0), (204, True, 204), (503, True, 503)],
)
def test_an_answer_that_is_cut_off_is_none_and_a_refusal_needs_no_words(
    page: LonePage, status: int, cut: bool, told: int
) -> None:
    page.see("void (await load('live.js')).ask('/v1/x').then((told) => { world.told = told; })")
    page.answer(status, {"said": True}, -1, cut=cut)
    body = {} if cut else {"said": True}
    assert page.see("return world.told") == {"status": told, "body": body}


@pytest.mark.parametrize("name", ["online", "visibilitychange"])
def test_a_network_that_comes_back_is_used_at_once(page: LonePage, name: str) -> None:
    page.happens(name)
    assert looked(page) == [], "a socket is there"
    page.closes()
    page.happens(name)
    page.answer(200)
    assert (looked(page), opened(page)) == ([0], [0, 0])
    page.passes(4)
    assert looked(page) == [0], "the look that was to come is not made any more"


def test_a_page_that_nobody_sees_does_not_hurry(page: LonePage) -> None:
    page.closes()
    page.see("document.hidden = true")
    page.happens("visibilitychange")
    assert looked(page) == []


def test_the_age_of_the_news_grows_from_the_last_word_or_from_the_beginning(
    page: LonePage,
) -> None:
    def news() -> list[float | bool]:
        return page.see("return [world.live.age() / 1000, world.live.fresh()]")

    page.passes(2)
    assert news() == [2, False]
    page.says(snapshot())
    assert news() == [0, True]
    page.passes(10)
    assert news() == [10, True]
    page.passes(0.1)
    assert news() == [10.1, False]


def test_the_time_is_the_servers_by_its_word_that_came_soonest(page: LonePage) -> None:
    """A slow word says an hour that is over; one that came from before an outage says nothing."""

    def ahead() -> float:
        """How far the page's time is from the server's, in seconds."""
        return page.see(
            "return (world.live.now() - start - (world.at - 5000)) / 1000",
            start=SERVER.timestamp() * 1000,
        )

    page.says(beat(-0.4))
    assert ahead() == pytest.approx(-0.4)
    page.passes(1)
    page.says(beat(0.9))
    page.passes(1)
    page.says(beat(1.7))
    assert ahead() == pytest.approx(-0.1)
    for second in range(3, 11):
        page.passes(1)
        page.says(beat(second - 0.3))
    assert ahead() == pytest.approx(-0.3), "a device's clock runs a little fast or slow"
    page.closes()
    page.passes(0.5)
    page.answer(200)
    page.says(beat(10.5 - 60))
    assert ahead() == pytest.approx(-60), "the server's clock was set right"
