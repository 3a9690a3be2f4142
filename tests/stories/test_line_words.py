"""The words of the direct line, letter by letter as the phone network was told to say them."""

import pytest

from tests.line_site import FIRST, LINE_PHONE, hears, line_site, phone
from tests.world import World

CALLS = {"en": "This is an automated call.", "nl": "Dit is een automatische melding."}
EMERGENCY = {
    "en": "Medical emergency at Harbour House, Damrak 12, Amsterdam.",
    "nl": "Medisch spoedgeval bij Harbour House, Damrak 12, Amsterdam.",
}
WHAT = {
    "unclear": {"en": "Possible overdose. ", "nl": "Mogelijke overdosis. "},
    "overdose": {"en": "Possible overdose. ", "nl": "Mogelijke overdosis. "},
    "overamp": {
        "en": "Person very ill after stimulants. ",
        "nl": "Persoon erg ziek na stimulerende middelen. ",
    },
    "medical": {"en": "", "nl": ""},
}
STAFF = {
    "unanswered": {
        "en": "No staff member has answered.",
        "nl": "Er heeft nog niemand gereageerd.",
    },
    "on_the_way": {"en": "Staff are on their way.", "nl": "Personeel is onderweg."},
    "at_booth": {"en": "Staff are with the person.", "nl": "Personeel is erbij."},
    "recovering": {"en": "Staff are with the person.", "nl": "Personeel is erbij."},
}
PRESS_1 = {"en": "Press 1 to speak to them.", "nl": "Toets 1 om ze te spreken."}
NOBODY_ON = {
    "en": "No staff member is on this line yet. Press 9 to accept the call.",
    "nl": "Er is nog geen medewerker op deze lijn. Toets 9 om de melding aan te nemen.",
}
ADDRESS = {
    "en": "Address: Damrak 12, Amsterdam. Entrance: green door in the alley on the left.",
    "nl": "Adres: Damrak 12, Amsterdam. Ingang: green door in the alley on the left.",
}
BELL = {"en": "Please ring the bell.", "nl": "Bel alstublieft aan."}
OUTSIDE = {"en": "Staff will be outside.", "nl": "Er staat iemand buiten."}
CALL_BACK = {
    "en": "Call back: 0 2 0, 1 2 3, 4 5, 6 7.",
    "nl": "Terugbellen: 0 2 0, 1 2 3, 4 5, 6 7.",
}
SPEAK = {"en": "Press 1 to speak to staff.", "nl": "Toets 1 om te spreken."}
LANGUAGES = ("en", "nl")
ACTS = {
    "unanswered": (),
    "on_the_way": ("on_my_way",),
    "at_booth": ("at_booth",),
    "recovering": ("at_booth", "safe"),
}


def in_language(language: str) -> str:
    """The site, whose line speaks this."""
    return line_site({'language = "en"': f'language = "{language}"'})


def brief(state: str, kind: str, language: str, last: str) -> str:
    return (
        f"{CALLS[language]} {EMERGENCY[language]} {WHAT[kind][language]}"
        f"{STAFF[state][language]} {last}"
    )


async def dialled(world: World, language: str, state: str, kind: str = "unclear") -> None:
    """The alert stands so, its line is open, and the control room has picked up."""
    world.load(in_language(language))
    await world.press(3, kind=kind)
    for action in ACTS[state]:
        assert (await world.act(action, "sam")).status_code == 200
    assert (await world.act("open_line", "sam")).status_code == 200
    await world.advance(1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STAFF)
async def test_brief_address_brief_address_and_then_kept(
    world: World, state: str, language: str
) -> None:
    await dialled(world, language, state)
    await world.phone("sam").does("answer")
    await world.advance(1)
    if state == "at_booth":
        await world.act("take_job", "kim", job="door")
    await phone(world, FIRST).does("answer")
    # The ladder of an alert that nobody answered goes on; what is true stays true meanwhile.
    await world.advance(100)
    first = brief(state, "unclear", language, PRESS_1[language])
    door = (OUTSIDE if state == "at_booth" else BELL)[language]
    second = f"{ADDRESS[language]} {door} {CALL_BACK[language]} {SPEAK[language]}"
    said = await hears(world, FIRST)
    assert said[:4] == [first, second, first, second]
    assert set(said[4:]) == {SPEAK[language]}
    assert (await phone(world, FIRST).calls())[-1]["status"] == "in-progress"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WHAT)
async def test_the_kind_is_said_and_nobody_is_offered_who_is_not_on(
    world: World, kind: str, language: str
) -> None:
    await dialled(world, language, "on_the_way", kind)
    await world.advance(10)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    assert await hears(world, FIRST) == [brief("on_the_way", kind, language, NOBODY_ON[language])]


@pytest.mark.parametrize(
    ("language", "unknown", "known"),
    [
        (
            "en",
            "Breathing: not known. Awake: not known. Oxygen: not known. Naloxone: none.",
            "Breathing: none. Awake: no. Oxygen: on, less than a minute."
            " Naloxone: 2 doses, last 1 minute ago.",
        ),
        (
            "nl",
            "Ademhaling: niet bekend. Wakker: niet bekend. Zuurstof: niet bekend. Naloxon: geen.",
            "Ademhaling: geen. Wakker: nee. Zuurstof: ja, minder dan een minuut."
            " Naloxon: 2 doses, laatste 1 minuut geleden.",
        ),
    ],
)
async def test_what_is_done_is_not_known_until_somebody_says_so(
    world: World, language: str, unknown: str, known: str
) -> None:
    await dialled(world, language, "at_booth")
    await world.phone("sam").does("answer")
    await world.advance(1)
    dispatcher = phone(world, FIRST)
    await dispatcher.does("answer")
    await world.advance(1)
    await dispatcher.does("press", "2")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == f"{unknown} {SPEAK[language]}"
    await world.act("naloxone", "sam", route="nasal")
    await world.act("naloxone", "sam", route="intramuscular")
    await world.act("breathing", "sam", breathing="none", awake=False)
    await world.advance(59)
    await world.act("oxygen", "sam", on=True)
    await world.advance(2)
    await dispatcher.does("press", "2")
    await world.advance(1)
    assert (await hears(world, FIRST))[-1] == f"{known} {SPEAK[language]}"


async def test_names_with_signs_of_markup_are_spoken_as_they_are_written(world: World) -> None:
    name = 'Pieter & Co\'s <b>\\"House\\"</b>'
    written = in_language("en").replace('name = "Harbour House"', f'name = "{name}"')
    written = written.replace('line = "Damrak 12, Amsterdam"', "line = \"Kade <1> & '2'\"")
    assert name in written
    world.load(written)
    await world.press(3)
    await world.act("open_line", "sam")
    await world.advance(11)
    await phone(world, FIRST).does("answer")
    await world.advance(30)
    said = await hears(world, FIRST)
    assert said[0] == (
        'This is an automated call. Medical emergency at Pieter & Co\'s <b>"House"</b>,'
        " Kade <1> & '2'. Possible overdose. No staff member has answered."
        f" {NOBODY_ON['en']}"
    )
    assert said[1].startswith("Address: Kade <1> & '2'. Entrance: green door")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_dispatcher_whose_key_comes_too_late_hears_it_in_their_language(
    world: World, language: str
) -> None:
    """The line was ended while they pressed it."""
    await dialled(world, language, "on_the_way")
    await world.phone("sam").does("answer")
    await world.advance(1)
    await phone(world, FIRST).does("answer")
    await world.advance(1)
    await world.fault(on="calls", do="status", status=500)
    await world.act("end_line", "jo", pin="8080")
    await phone(world, FIRST).does("press", "1")
    await world.advance(1)
    over = {"en": "This call has ended. Thank you.", "nl": "Dit gesprek is klaar. Dank u."}
    assert (await hears(world, FIRST))[-1] == over[language]


async def test_the_line_phone_is_spoken_to_in_the_language_of_the_site(world: World) -> None:
    await dialled(world, "nl", "on_the_way")
    await phone(world, LINE_PHONE).does("answer")
    await world.advance(2)
    assert await hears(world, LINE_PHONE) == ["Direct line, booth 3. Please stay on the line."]
