"""The colours of the pages: the measured palettes, and the contrast of every pair of a state."""

import re

import pytest

from tests.script import WEB

Palette = dict[str, str]

DARK = (WEB / "directline.css").read_text("utf-8")
STAFF = (WEB / "staff.css").read_text("utf-8")
WALL = (WEB / "wall.css").read_text("utf-8")

PAIRS = [
    ("text", "bg", 16.8, 15.7),
    ("muted", "bg", 8.8, 6.7),
    ("on-alarm", "alarm", 5.1, 6.3),
    ("on-coming", "coming", 7.5, 4.8),
    ("on-there", "there", 16.0, 9.5),
    ("on-tech", "tech", 10.3, 9.9),
    ("on-drill", "drill", 7.0, 10.1),
    ("on-idle", "idle", 9.9, 9.9),
]
"""Two colours and the contrast they were measured with, on dark and on light."""


def colours(css: str, before: str) -> Palette:
    """The custom properties of the first block that begins with this."""
    block = css[css.index(before) + len(before) :]
    block = block[: block.index("}")]
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{3,6})\b", block))


def luminance(colour: str) -> float:
    """How bright it is, 0 to 1, as WCAG reckons."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


dark = colours(DARK, ":root {")
light = dark | colours(STAFF, ".paper {")
night = dark | colours(WALL, "[data-night=true] {")


@pytest.mark.parametrize(("ink", "ground", "on_dark", "on_light"), PAIRS)
def test_every_state_has_the_contrast_it_was_measured_with(
    ink: str, ground: str, on_dark: float, on_light: float
) -> None:
    assert contrast(dark[ink], dark[ground]) == pytest.approx(on_dark, abs=0.06)
    assert contrast(light[ink], light[ground]) == pytest.approx(on_light, abs=0.06)


@pytest.mark.parametrize("palette", [dark, light, night], ids=["dark", "light", "night"])
def test_every_text_can_be_read_on_everything_it_stands_on(palette: Palette) -> None:
    for ink in ("text", "muted", "tech-text"):
        for ground in ("bg", "panel"):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    # Buttons on a tile swap its two colours; the notes and the bar are in its ink.
    for state in ("alarm", "coming", "there", "idle", "tech", "drill"):
        assert contrast(palette[f"on-{state}"], palette[state]) >= 4.5, state


def test_an_alarm_stands_out_by_its_edge_where_its_red_does_not() -> None:
    assert contrast(dark["edge"], dark["bg"]) == pytest.approx(13.1, abs=0.05)
    assert contrast(dark["alarm"], dark["bg"]) >= 3
    assert contrast(light["alarm"], light["bg"]) >= 3
    # On light ground amber alone would not be seen: it has an edge of ink.
    assert contrast(light["tech"], light["bg"]) < 3
    assert contrast(light["tech-edge"], light["bg"]) >= 3


def test_both_ways_to_the_light_palette_give_the_same_colours() -> None:
    assert colours(STAFF, ".paper {") == colours(STAFF, "[data-look=light] body {")


def test_red_means_an_unanswered_alert_and_nothing_else() -> None:
    """Where the colour of an alarm is used, it is for that: not to delete, not for an error."""
    allowed = re.compile(
        r"unanswered|\.tile|\.panel|#fresh|data-band=other|:root|\.paper|data-look|sounding"
    )
    for file in sorted(WEB.glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
            if re.search(r"var\(--alarm\)|#D81E2C|#C4001A", body):
                assert allowed.search(selector), f"{file.name}: {selector.strip()}"


def test_colours_are_written_down_once() -> None:
    """Outside the palettes a colour is a property, white, or black under something."""
    for file in sorted(WEB.glob("*.css")):
        text = file.read_text("utf-8")
        text = re.sub(r"--[a-z-]+: #[0-9A-F]+", "", text)
        found = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", text))
        assert found <= {"#FFF", "#000", "#000A", "#0006", "#FFD98A", "#5B6875", "#2A323A"}, file
