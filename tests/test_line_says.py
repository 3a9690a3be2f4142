"""What is said on the direct line, letter by letter, in both languages and for every state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import line_says, words
from alerts.alert import State
from alerts.events import What
from alerts.line_sentences import LINE_SENTENCES
from tests.scene import LINE_SITE, Story, in_state

WHERE = {
    "en": "This is an automated call. Medical emergency at Harbour House, Damrak 12, Amsterdam.",
    "nl": (
        "Dit is een automatische melding."
        " Medisch spoedgeval bij Harbour House, Damrak 12, Amsterdam."
    ),
}
STAFF = {
    State.UNANSWERED: ("No staff member has answered.", "Er heeft nog niemand gereageerd."),
    State.ON_THE_WAY: ("Staff are on their way.", "Personeel is onderweg."),
    State.AT_BOOTH: ("Staff are with the person.", "Personeel is erbij."),
    State.RECOVERING: ("Staff are with the person.", "Personeel is erbij."),
}
CHARACTERS_A_SECOND = 15
"""About 150 words a minute."""


def line_story(state: State, *, on: bool = True) -> Story:
    """A story in this state whose line is open, with one of ours on it or not."""
    story = in_state(state, site=LINE_SITE)
    story.act(What.OPEN_LINE)
    if on:
        story.hears(What.LEG_UP, story.legs("line_phone")[0])
    return story


@pytest.mark.parametrize(("state", "staff"), STAFF.items(), ids=str)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_brief_of_every_state(state: State, staff: tuple[str, str], language: str) -> None:
    story = line_story(state)
    english = language == "en"
    assert line_says.brief(story.alert, LINE_SITE, language) == " ".join(
        [
            WHERE[language],
            "Possible overdose." if english else "Mogelijke overdosis.",
            staff[0] if english else staff[1],
            "Press 1 to speak to them." if english else "Toets 1 om ze te spreken.",
        ]
    )


@pytest.mark.parametrize(
    ("kind", "english", "dutch"),
    [
        ("unclear", " Possible overdose.", " Mogelijke overdosis."),
        ("overdose", " Possible overdose.", " Mogelijke overdosis."),
        (
            "overamp",
            " Person very ill after stimulants.",
            " Persoon erg ziek na stimulerende middelen.",
        ),
        ("medical", "", ""),
    ],
)
def test_the_words_follow_the_kind(kind: str, english: str, dutch: str) -> None:
    alert = replace(line_story(State.AT_BOOTH).alert, kind=kind)
    assert line_says.brief(alert, LINE_SITE, "en") == (
        f"{WHERE['en']}{english} Staff are with the person. Press 1 to speak to them."
    )
    assert line_says.brief(alert, LINE_SITE, "nl") == (
        f"{WHERE['nl']}{dutch} Personeel is erbij. Toets 1 om ze te spreken."
    )


def test_nobody_is_offered_who_is_not_on_the_line() -> None:
    alert = line_story(State.AT_BOOTH, on=False).alert
    english = "No staff member is on this line yet. Press 9 to accept the call."
    dutch = "Er is nog geen medewerker op deze lijn. Toets 9 om de melding aan te nemen."
    assert line_says.brief(alert, LINE_SITE, "en").endswith(english)
    assert line_says.short(alert, "en") == english
    assert line_says.short(alert, "nl") == dutch
    assert "Press 1" not in line_says.address(alert, LINE_SITE, "en", "020 123 4567")


def test_the_second_part_says_where_and_how_to_get_in() -> None:
    story = line_story(State.AT_BOOTH)
    rings = line_says.address(story.alert, LINE_SITE, "en", "020 123 4567")
    assert rings == (
        "Address: Damrak 12, Amsterdam. Entrance: green door in the alley on the left."
        " Please ring the bell. Call back: 0 2 0, 1 2 3, 4 5, 6 7. Press 1 to speak to staff."
    )
    story.act(What.TAKE_JOB, "alex", job="door")
    assert line_says.address(story.alert, LINE_SITE, "nl", "020 123 4567") == (
        "Adres: Damrak 12, Amsterdam. Ingang: green door in the alley on the left."
        " Er staat iemand buiten. Terugbellen: 0 2 0, 1 2 3, 4 5, 6 7. Toets 1 om te spreken."
    )
    address = LINE_SITE.address
    assert address is not None
    plain = replace(LINE_SITE, address=replace(address, entrance=""))
    assert "Entrance" not in line_says.address(story.alert, plain, "en", "020 123 4567")


def test_what_nobody_said_is_not_known() -> None:
    alert = line_story(State.AT_BOOTH).alert
    now = alert.raised_at
    assert line_says.done(alert, "en", now) == (
        "Breathing: not known. Awake: not known. Oxygen: not known. Naloxone: none."
    )
    assert line_says.done(alert, "nl", now) == (
        "Ademhaling: niet bekend. Wakker: niet bekend. Zuurstof: niet bekend. Naloxon: geen."
    )


def test_what_is_done_is_said_with_its_minutes() -> None:
    story = line_story(State.AT_BOOTH)
    story.act(What.OXYGEN, on=True)
    story.advance(125)
    story.act(What.NALOXONE)
    story.act(What.BREATHING, breathing="slow", awake=False)
    story.act(What.OXYGEN, on=True)
    later = story.now + timedelta(seconds=121)
    assert line_says.done(story.alert, "en", later) == (
        "Breathing: slow. Awake: no. Oxygen: on, 4 minutes. Naloxone: 1 dose, 2 minutes ago."
    )
    assert line_says.done(story.alert, "nl", later) == (
        "Ademhaling: langzaam. Wakker: nee. Zuurstof: ja, 4 minuten."
        " Naloxon: 1 dosis, 2 minuten geleden."
    )
    story.act(What.OXYGEN, on=False)
    story.act(What.NALOXONE)
    story.act(What.BREATHING, breathing="none", awake=True)
    assert line_says.done(story.alert, "en", story.now) == (
        "Breathing: none. Awake: yes. Oxygen: no. Naloxone: 2 doses, last less than a minute ago."
    )
    assert "Wakker: ja. Zuurstof: nee." in line_says.done(story.alert, "nl", story.now)


def test_what_our_own_side_hears() -> None:
    story = line_story(State.AT_BOOTH)
    later = story.alert.raised_at + timedelta(minutes=3)
    assert line_says.dispatcher(story.alert, LINE_SITE, "en", later) == (
        "Dispatcher on the line. Booth 12, 3 minutes."
    )
    assert line_says.dispatcher(story.alert, LINE_SITE, "nl", later) == (
        "Meldkamer aan de lijn. Plek 12, 3 minuten."
    )
    nowhere = replace(story.alert, booth=None)
    one = story.alert.raised_at + timedelta(minutes=1)
    assert line_says.dispatcher(nowhere, LINE_SITE, "en", one) == (
        "Dispatcher on the line. 1 minute."
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("020 123 4567", "0 2 0, 1 2 3, 4 5, 6 7"),
        ("06 12345678", "0 6, 1 2, 3 4, 5 6, 7 8"),
        ("(020) 12345", "0 2 0, 1 2, 3 4 5"),
        ("", ""),
    ],
)
def test_a_number_is_said_digit_by_digit(number: str, said: str) -> None:
    assert line_says.digits(number) == said


SAID = {
    "line_connecting": ("Connecting you now.", "Ik verbind u door."),
    "line_accepted": ("Thank you. The call is accepted.", "Dank u. De melding is aangenomen."),
    "line_lost": (
        "The line to the site was lost. Call back: 0 2 0, 1 2 3, 4 5, 6 7.",
        "De lijn met de locatie is verbroken. Bel terug: 0 2 0, 1 2 3, 4 5, 6 7.",
    ),
    "line_drill": (
        "This is a drill. Do not send anyone. Harbour House is testing this line."
        " Press 1 if you hear this clearly.",
        "Dit is een oefening. Stuur niemand. Harbour House test deze lijn."
        " Toets 1 als u dit goed hoort.",
    ),
    "line_drill_heard": ("Thank you. The test is done.", "Dank u. De test is klaar."),
    "line_over": ("This call has ended. Thank you.", "Dit gesprek is klaar. Dank u."),
    "line_welcome": (
        "Direct line, booth 12. Please stay on the line.",
        "Directe lijn, plek 12. Blijf aan de lijn.",
    ),
    "line_redialled": (
        "The line to the control room was lost. It is called again."
        " You can also call 1 1 2 yourself.",
        "De lijn met de meldkamer is verbroken. Er wordt opnieuw gebeld."
        " Je kunt ook zelf 1 1 2 bellen.",
    ),
    "line_unreached": (
        "The line was not reached. Call 1 1 2 yourself now.",
        "De lijn is niet bereikt. Bel nu zelf 1 1 2.",
    ),
    "line_nine": (
        "Press 9 again to open the direct line.",
        "Toets nog eens 9 om de directe lijn te openen.",
    ),
}


@pytest.mark.parametrize("code", SAID)
def test_a_line_is_said_letter_by_letter(code: str) -> None:
    slots: dict[str, words.Slot] = {
        **words.about(LINE_SITE, 47, 12),
        "name": "Harbour House",
        "call_back": line_says.digits("020 123 4567"),
    }
    assert (words.speak(code, "en", slots), words.speak(code, "nl", slots)) == SAID[code]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("state", STAFF)
def test_the_first_part_takes_less_than_fifteen_seconds(state: State, language: str) -> None:
    said = line_says.brief(line_story(state).alert, LINE_SITE, language)
    assert len(said) / CHARACTERS_A_SECOND < 15
    assert set(LINE_SENTENCES) >= set(SAID)
