"""How long a text message is, counted as phones count it, and how it is made plain enough.

One part of a text holds 160 septets of the GSM-7 alphabet, but only 70 characters once a single
one lies outside it, so every text of ours is made plain before it is counted. Nothing here
decides what may be left out of a text: that is `alerts.words`.
"""

# Letters that look like others are what this module is about.
# ruff: noqa: RUF001

import re
import unicodedata

PART_SEPTETS = 160

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")

_CYRILLIC = dict(
    re.findall(
        "(.)=([a-z]+)",
        "а=a б=b в=v г=g ґ=g д=d е=e є=ie ж=zh з=z и=y і=i ї=i й=i к=k л=l м=m н=n о=o п=p р=r "
        "с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ы=y э=e ю=iu я=ia",
    )
)
_PLAIN: dict[str, str] = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("ьъЬЪ", ""),
    **_CYRILLIC,
    **{letter.upper(): latin.capitalize() for letter, latin in _CYRILLIC.items()},
    **dict(
        re.findall("(.)=([a-zA-Z]+)", "ł=l Ł=L đ=d Đ=D ð=d Ð=D ħ=h Ħ=H ı=i œ=oe Œ=OE þ=th Þ=Th")
    ),
    "\t": " ",
}


def septets(text: str) -> int:
    """How many of the 160 septets of one part this text takes; an extension character takes two.

    Only true of a text for which `is_plain` holds.
    """
    return len(text) + sum(character in _EXTENSION for character in text)


def is_plain(text: str) -> bool:
    """Whether every character is in GSM-7 or its extension."""
    return all(character in _ALPHABET or character in _EXTENSION for character in text)


def fits(text: str) -> bool:
    """Whether the text goes out as one part."""
    return is_plain(text) and septets(text) <= PART_SEPTETS


def plain(text: str) -> str:
    """The text with every character outside GSM-7 replaced: by its plain letter, else by `?`.

    Never raises, whatever the text holds; combining marks and invisible characters go.
    """
    return "".join(map(_plain_character, unicodedata.normalize("NFC", text)))


def cut(text: str) -> str:
    """The beginning of a plain text that goes out as one part."""
    taken = 0
    for index, character in enumerate(text):
        taken += septets(character)
        if taken > PART_SEPTETS:
            return text[:index]
    return text


def _plain_character(character: str) -> str:
    if character in _ALPHABET or character in _EXTENSION:
        return character
    if character in _PLAIN:
        return _PLAIN[character]
    if unicodedata.combining(character) or unicodedata.category(character) in {
        "Cf",
        "Mn",
    }:
        return ""
    parts = unicodedata.normalize("NFKD", character)
    return "?" if parts == character else "".join(map(_plain_character, parts))
