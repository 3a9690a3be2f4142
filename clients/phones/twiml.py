"""Reads TwiML into verbs. It runs nothing, and refuses what it does not know.

Only the verbs that a service of alerts needs are known; anything else is an error that the
caller hears, as it would with the real network.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

CHARACTERS_A_SECOND = 15.0
PLAY_SECONDS = 3.0
LOOPS_MAX = 10
TWIML_MAX = 64 * 1024


class NotTwiml(ValueError):
    """The document cannot be run; the message says why."""


@dataclass(frozen=True, slots=True)
class Say:
    """Words to be spoken."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Play:
    """A sound file."""

    url: str


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect keys. `limit` None means until the finish key or the time-out, in seconds."""

    action: str
    method: str
    limit: int | None
    timeout: float
    finish: str
    on_empty: bool
    prompts: "tuple[Say | Pause | Play, ...]"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not answer: `busy` or `rejected`."""

    reason: str


@dataclass(frozen=True, slots=True)
class AfterDial:
    """Where a call goes on after a Dial: at `action`, or with its next verb."""

    action: str | None
    method: str


@dataclass(frozen=True, slots=True)
class Conference:
    """Join a room."""

    name: str
    start: bool
    end_on_exit: bool
    muted: bool
    callback: str | None
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class DialRoom:
    """Join a room, then go on."""

    room: Conference
    then: AfterDial


@dataclass(frozen=True, slots=True)
class DialNumber:
    """Call a number and join the two, then go on."""

    number: str
    caller: str | None
    timeout: float
    callback: str | None
    events: frozenset[str]
    then: AfterDial


@dataclass(frozen=True, slots=True)
class Message:
    """A text to be sent. Empty `to` and `sender` mean back to where the answer belongs."""

    body: str
    to: str
    sender: str


Verb = Say | Pause | Play | Gather | Redirect | Hangup | Reject | DialRoom | DialNumber | Message


def seconds_of(verb: Verb) -> float:
    """How long it takes to speak, play or be silent; 0 for every other verb."""
    match verb:
        case Say(text):
            return len(text) / CHARACTERS_A_SECOND
        case Pause(seconds):
            return seconds
        case Play():
            return PLAY_SECONDS
        case _:
            return 0.0


def read(document: str, base: str = "") -> list[Verb]:
    """The verbs of a TwiML document, in order; addresses are resolved against `base`.

    Raises NotTwiml for what is not XML, has another root or holds an unknown verb.
    """
    if len(document) > TWIML_MAX:
        raise NotTwiml(f"longer than {TWIML_MAX} characters")
    try:
        # The document comes from the server under test, which is the user's own.
        root = ElementTree.fromstring(document)  # noqa: S314
    except ElementTree.ParseError as error:
        raise NotTwiml(f"not XML: {error}") from error
    if root.tag != "Response":
        raise NotTwiml(f"the root must be Response, not {root.tag}")
    verbs: list[Verb] = []
    for element in root:
        verbs.extend(_verbs(element, base))
    return verbs


def _verbs(element: ElementTree.Element, base: str) -> list[Verb]:
    given = element.attrib
    match element.tag:
        case "Say" | "Pause" | "Play":
            return list(_prompts(element, base))
        case "Gather":
            return [_gather(element, base)]
        case "Redirect":
            return [Redirect(urljoin(base, _text(element)), given.get("method", "POST"))]
        case "Hangup":
            return [Hangup()]
        case "Reject":
            return [Reject(given.get("reason", "rejected"))]
        case "Dial":
            return [_dial(element, base)]
        case "Message":
            body = element.find("Body")
            words = "".join((element if body is None else body).itertext()).strip()
            return [Message(words, given.get("to", ""), given.get("from", ""))]
        case _:
            raise NotTwiml(f"the verb {element.tag} is not known here")


def _prompts(element: ElementTree.Element, base: str) -> "list[Say | Pause | Play]":
    given = element.attrib
    loops = int(_number(given, "loop", 1)) or LOOPS_MAX
    match element.tag:
        case "Say":
            prompt = Say(_text(element), given.get("language", ""))
        case "Pause":
            return [Pause(_number(given, "length", 1))]
        case "Play":
            prompt = Play(urljoin(base, _text(element)))
        case _:
            raise NotTwiml(f"{element.tag} cannot stand in a Gather")
    return [prompt] * min(loops, LOOPS_MAX)


def _gather(element: ElementTree.Element, base: str) -> Gather:
    given = element.attrib
    limit = int(_number(given, "numDigits", 0))
    return Gather(
        action=urljoin(base, given.get("action", "")) or base,
        method=given.get("method", "POST"),
        limit=limit or None,
        timeout=_number(given, "timeout", 5),
        finish=given.get("finishOnKey", "#"),
        on_empty=_yes(given, "actionOnEmptyResult", default=False),
        prompts=tuple(prompt for child in element for prompt in _prompts(child, base)),
    )


def _dial(element: ElementTree.Element, base: str) -> DialRoom | DialNumber:
    given = element.attrib
    action = given.get("action")
    then = AfterDial(urljoin(base, action) if action else None, given.get("method", "POST"))
    child = next(iter(element), None)
    if child is not None and child.tag == "Conference":
        return DialRoom(_conference(child, base), then)
    if child is not None and child.tag != "Number":
        raise NotTwiml(f"Dial cannot reach a {child.tag} here")
    number = element if child is None else child
    return DialNumber(
        number=_text(number),
        caller=given.get("callerId"),
        timeout=_number(given, "timeout", 30),
        callback=_address(number.attrib, base),
        events=_events(number.attrib, "completed"),
        then=then,
    )


def _conference(element: ElementTree.Element, base: str) -> Conference:
    given = element.attrib
    name = _text(element)
    if not name:
        raise NotTwiml("a Conference needs a name")
    return Conference(
        name=name,
        start=_yes(given, "startConferenceOnEnter", default=True),
        end_on_exit=_yes(given, "endConferenceOnExit", default=False),
        muted=_yes(given, "muted", default=False),
        callback=_address(given, base),
        events=_events(given, "start end"),
    )


def _address(given: Mapping[str, str], base: str) -> str | None:
    address = given.get("statusCallback")
    return urljoin(base, address) if address else None


def _events(given: Mapping[str, str], default: str) -> frozenset[str]:
    return frozenset(given.get("statusCallbackEvent", default).split())


def _text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _number(given: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(given.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise NotTwiml(f"{name} must be a number, not {given.get(name)!r}")
    return value


def _yes(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    return given.get(name, str(default)).lower() == "true"
