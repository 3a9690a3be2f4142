"""Reads a site file into a `Site`, or refuses it whole with every fault and its place.

It changes nothing and dials nothing: keeping a site, and refusing numbers that another site has,
is the store's. How a site is written down again is `site_text`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.roster import parse_shift
from alerts.site import (
    Address,
    Booth,
    Clocks,
    DirectLine,
    Do,
    Person,
    Repeat,
    Role,
    Rung,
    Site,
)
from dispatch import site_rules
from dispatch.site_fields import Faults, SiteFaults, Table, parse
from dispatch.site_numbers import Dialling
from dispatch.site_rules import Step

LANGUAGES = ("en", "nl")
BOOTH_LANGUAGES = ("de", "fr", "es", "pt", "pl", "ar")
"""What the booth page can speak besides, once a site switches it on."""
PLACE_WORDS = {"en": "BOOTH", "nl": "PLEK"}
PLACE_WORD_LENGTH_MAX = 12
LONG_TEXT_LENGTH_MAX = 200
BOOTHS_MAX = 500
PEOPLE_MAX = 500
RUNGS_MAX = 20
SHIFTS_MAX = 20
SENDER_NUMBERS_MAX = 50
LINE_NUMBERS_MAX = 10
LINE_ROUNDS = (1, 5)
LINE_TEST_DAYS = (1, 90)
BOOTH_NUMBERS = (1, 9999)
PIN = r"[0-9]{4,8}"
# Any number up to a day is read, so that the ladder's own rules say what is wrong with it.
AFTER_SECONDS_MAX = 86400
# Published reports never show a count from 1 to 9, whatever the file says.
HIDDEN_BELOW = (10, 1000)
RETENTION_DAYS = (1, 730)
PERSON_ROLES = tuple(role for role in Role if role is not Role.EVERYONE)


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A site file that may be loaded.

    `pins` has every person's id: None where the file says nothing and the old PIN stays, an empty
    text where it is cleared, else the new PIN, which must only be kept as a hash.
    """

    site: Site
    pins: Mapping[str, str | None]


def read_site(text: str, name: str, kept_pins: Collection[str] = ()) -> SiteFile:
    """Read a site file; `name` is what the faults call it.

    `kept_pins` are the ids of the people of this site who have a PIN already. Raises SiteFaults
    with all that is wrong. Read files with `errors="surrogateescape"`, so that a byte that is not
    UTF-8 is a fault with its line like any other.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    document = parse(text, name)
    root = Table(Faults(text), "", document)
    top = root.table("site", needed=True)
    site, dialling = _read_top(top)
    people, pins = _read_people(root, site.language, dialling)
    steps = _read_ladder(root)
    repeat = _read_repeat(root)
    site = replace(
        site,
        booths=_read_booths(root),
        people=people,
        ladder=tuple(Rung(step.after or 0.0, step.do, step.who) for step in steps),
        repeat=repeat or site.repeat,
        clocks=_read_clocks(root),
        line=_read_line(root, site.language, dialling),
    )
    root.done()
    faults = root.faults
    held = {role for person in people for role in person.roles}
    if not people or any(faults.under(f"people[{i}].roles") for i in range(len(people))):
        # Somebody's role may be misspelt, so that no rung can be said to name nobody.
        held = set(Role)
    site_rules.check_people(faults, people, pins, kept_pins)
    site_rules.check_ladder(faults, steps, held)
    site_rules.check_repeat(faults, steps, repeat)
    site_rules.check_line(faults, steps, site)
    if faults.found:
        raise SiteFaults(name, faults.in_order())
    return SiteFile(site, pins)


def numbers_of_site(site: Site) -> list[tuple[str, str]]:
    """The (place, number) of every number that no two sites may share."""
    numbers = [(f"site.sender_numbers[{i}]", n) for i, n in enumerate(site.sender_numbers)]
    numbers.append(("site.voice_number", site.voice_number))
    if site.line.line_phone:
        numbers.append(("direct_line.line_phone", site.line.line_phone))
    return numbers


def _read_top(top: Table) -> tuple[Site, Dialling]:
    emergency = top.matching(
        "emergency_number", r"\+?[0-9][0-9 -]{1,19}", "must be digits, as people would dial them"
    )
    voice = top.text("voice_number")
    dialling = Dialling(emergency, voice)
    code = top.matching(
        "code",
        # With a letter in it, so that it is never taken for the number of an alert in a reply.
        r"(?=.*[A-Z])[A-Z0-9]{2,8}",
        "must be 2 to 8 capital letters and digits, at least one of them a letter",
    )
    name = top.text("name")
    site = Site(
        code=code,
        name=name,
        spoken_name=top.text("spoken_name", "") or name,
        language=top.choice("language", LANGUAGES),
        timezone=_read_timezone(top),
        emergency_number=emergency,
        sender_numbers=dialling.read_own(top, "sender_numbers", SENDER_NUMBERS_MAX),
        voice_number=dialling.own(top, "voice_number", voice),
        test_phone=dialling.read(top, "test_phone", needed=False),
        place_word=_read_place_words(top),
        booth_languages=top.words("booth_languages", BOOTH_LANGUAGES, needed=False),
        notes=top.flag("notes", default=False),
        retention_days=top.whole("retention_days", RETENTION_DAYS, 30) or 0,
        hidden_below=top.whole("hidden_below", HIDDEN_BELOW, 10) or 0,
        address=_read_address(top, dialling),
        booths=(),
        people=(),
        ladder=(),
        repeat=Repeat(0, 0.0),
    )
    top.done()
    return site, dialling


def _read_timezone(top: Table) -> str:
    key = top.text("timezone")
    try:
        # Names without a region, such as localtime, mean something else on another machine.
        known = "/" in key or key == "UTC"
        if known:
            ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = False
    if key and not known:
        top.fault("timezone", "unknown; write it like Europe/Amsterdam")
        return ""
    return key


def _read_place_words(top: Table) -> dict[str, str]:
    table = top.table("place_word")
    words = {
        language: table.text(language, word, PLACE_WORD_LENGTH_MAX)
        for language, word in PLACE_WORDS.items()
    }
    table.done()
    return words


def _read_address(top: Table, dialling: Dialling) -> Address | None:
    table = top.table("address")
    if not top.has("address"):
        return None
    address = Address(
        line=table.text("line", most=LONG_TEXT_LENGTH_MAX),
        entrance=table.text("entrance", "", LONG_TEXT_LENGTH_MAX),
        call_back=dialling.read(table, "call_back", needed=True),
    )
    table.done()
    return address


def _read_booths(root: Table) -> tuple[Booth, ...]:
    booths: list[Booth] = []
    for table in root.tables("booths", BOOTHS_MAX):
        number = table.whole("number", BOOTH_NUMBERS)
        name, place = table.text("name", ""), table.text("place", "")
        table.done()
        booths.append(Booth(number or 0, name or None, place or None))
    places = [(f"booths[{i}].number", booth.number or None) for i, booth in enumerate(booths)]
    root.faults.doubles(places, "another booth has this number")
    return tuple(booths)


def _read_people(
    root: Table, language: str, dialling: Dialling
) -> tuple[tuple[Person, ...], dict[str, str | None]]:
    people: list[Person] = []
    pins: dict[str, str | None] = {}
    for table in root.tables("people", PEOPLE_MAX, needed=True):
        person = Person(
            id=_read_id(table),
            name=table.text("name"),
            phone=dialling.read(table, "phone", needed=True),
            roles=table.words("roles", PERSON_ROLES, needed=True),
            language=table.choice("language", LANGUAGES, language),
            shifts=_read_shifts(table),
        )
        pin = table.matching("pin", PIN, "must be 4 to 8 digits in quotes", "")
        table.done()
        people.append(person)
        pins[person.id] = pin if table.has("pin") else None
    return tuple(people), pins


def _read_id(table: Table) -> str:
    person = table.matching("id", r"[a-z0-9_-]{1,32}", "must be 1 to 32 of a-z, 0-9, _ and -")
    if person == "guest":
        table.fault("id", "guest is what somebody without a name is called")
    return person


def _read_shifts(table: Table) -> tuple[str, ...]:
    if not table.has("on_duty") or table.is_text("on_duty"):
        # Whoever has no hours in the file is asked at any hour: rather too many than nobody.
        if table.text("on_duty", "always") != "always":
            table.fault("on_duty", 'must be "always" or a list of shifts')
        return ()
    shifts = table.texts("on_duty", SHIFTS_MAX, needed=True)
    for at, shift in shifts:
        try:
            parse_shift(shift)
        except ValueError as error:
            table.faults.add(at, str(error))
    return tuple(shift for _, shift in shifts)


def _read_ladder(root: Table) -> list[Step]:
    steps: list[Step] = []
    for table in root.tables("ladder", RUNGS_MAX, needed=True):
        after = table.seconds("after", (0, AFTER_SECONDS_MAX))
        do = table.words("do", tuple(Do), needed=True)
        who = table.words("who", tuple(Role), needed=False)
        table.done()
        sure = not root.faults.under(table.at)
        steps.append(Step(table.at, after, do, who, sure=sure))
    if not steps and not root.faults.under("ladder"):
        root.fault("ladder", "the ladder names nobody: it has no rung")
    return steps


def _read_repeat(root: Table) -> Repeat | None:
    table = root.table("ladder_repeat")
    if not root.has("ladder_repeat"):
        root.fault("ladder_repeat", "missing: after its last rung the ladder would end in silence")
        return None
    from_rung = table.whole("from", (0, RUNGS_MAX))
    every = table.seconds("every", site_rules.REPEAT_SECONDS)
    table.done()
    return None if from_rung is None else Repeat(from_rung, every or 0.0)


def _read_clocks(root: Table) -> Clocks:
    table = root.table("clocks")
    plain = Clocks()
    clocks = Clocks(
        arrival=table.seconds("arrival", site_rules.ARRIVAL_SECONDS, plain.arrival) or 0.0,
        reassess=table.seconds("reassess", site_rules.REASSESS_SECONDS, plain.reassess) or 0.0,
        ems_prompt=table.seconds("ems_prompt", site_rules.EMS_PROMPT_SECONDS, plain.ems_prompt)
        or 0.0,
        recovery=table.seconds("recovery", site_rules.RECOVERY_SECONDS, plain.recovery) or 0.0,
        recovery_check=table.seconds(
            "recovery_check", site_rules.RECOVERY_CHECK_SECONDS, plain.recovery_check
        )
        or 0.0,
    )
    table.done()
    return clocks


def _read_line(root: Table, language: str, dialling: Dialling) -> DirectLine:
    table = root.table("direct_line")
    plain = DirectLine()
    line = DirectLine(
        numbers=dialling.read_all(table, "numbers", LINE_NUMBERS_MAX),
        language=table.choice("language", LANGUAGES, language),
        join=table.seconds("join", site_rules.JOIN_SECONDS, plain.join) or 0.0,
        ring=table.seconds("ring", site_rules.RING_SECONDS, plain.ring) or 0.0,
        rounds=table.whole("rounds", LINE_ROUNDS, plain.rounds) or 0,
        test_numbers=dialling.read_all(table, "test_numbers", LINE_NUMBERS_MAX),
        agreement=table.text("agreement", "", LONG_TEXT_LENGTH_MAX),
        line_phone=dialling.read(table, "line_phone", needed=False),
        test_every=table.whole("test_every", LINE_TEST_DAYS, plain.test_every) or 0,
    )
    table.done()
    return line
