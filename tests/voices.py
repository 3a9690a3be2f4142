"""`make voices`: the words that a wall speaks after an alarm, so cut that they say 1 to 99.

It needs espeak-ng, sox and lame. The files it makes are in the repository: nobody needs it to run
Directline or its tests.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.process import ROOT

FOLDER = ROOT / "clients" / "web" / "voice"
PROGRAMS = ("espeak-ng", "sox", "lame")
VOICES = {"en": "en-gb", "nl": "nl"}
WORDS = {
    "en": {
        "booth": "Booth",
        "room": "Room",
        "place": "Place",
        "drill": "Drill",
        "somewhere": "Somewhere in the house",
        **{
            str(number): word
            for number, word in enumerate(
                "zero one two three four five six seven eight nine ten eleven twelve thirteen"
                " fourteen fifteen sixteen seventeen eighteen nineteen".split()
            )
        },
        **{
            str(20 + 10 * number): word
            for number, word in enumerate(
                "twenty thirty forty fifty sixty seventy eighty ninety".split()
            )
        },
    },
    "nl": {
        "booth": "Plek",
        "room": "Kamer",
        "place": "Plaats",
        "drill": "Oefening",
        "somewhere": "Ergens in huis",
        **{
            str(number): word
            for number, word in enumerate(
                "nul één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien"
                " vijftien zestien zeventien achttien negentien".split()
            )
        },
        **{
            key: word
            for number, ten in enumerate(
                "twintig dertig veertig vijftig zestig zeventig tachtig negentig".split()
            )
            for key, word in (
                (str(20 + 10 * number), ten),
                (f"and{20 + 10 * number}", f"en {ten}"),
            )
        },
    },
}
"""The parts. In Dutch the ones come first: 23 is `3` and `and20`, drie-en-twintig."""
RATE = 16000
PAD_SECONDS = 0.12
"""Silence around each word: decoders may shift an MP3 by some hundredths of a second."""
WORDS_A_MINUTE = 150
KILOBITS = 16
BYTES_MOST = 150 * 1024
TRIM = ("silence", "1", "0.01", "0.4%", "reverse", "silence", "1", "0.01", "0.4%", "reverse")


def run(*command: object) -> str:
    """Run a program; what it printed."""
    done = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)
    return done.stdout


def speak(folder: Path, language: str) -> dict[str, list[float]]:
    """One file with all words of a language; where each begins and ends in it, in seconds."""
    parts: list[Path] = []
    clips: dict[str, list[float]] = {}
    position = 0.0
    for key, word in WORDS[language].items():
        raw, part = folder / "raw.wav", folder / f"{language}-{key}.wav"
        run("espeak-ng", "-v", VOICES[language], "-s", WORDS_A_MINUTE, "-w", raw, word)
        shape = (*TRIM, "compand", "0.01,0.1", "-40,-20,-5", "norm", "-1")
        run(
            "sox", raw, "-r", RATE, "-c", 1, "-b", 16, part, *shape, "pad", PAD_SECONDS, PAD_SECONDS
        )
        seconds = float(run("soxi", "-D", part))
        clips[key] = [round(position, 3), round(position + seconds, 3)]
        position += seconds
        parts.append(part)
    whole = folder / f"{language}.wav"
    run("sox", *parts, whole)
    shape = ("-m", "m", "--cbr", "-b", KILOBITS, "-q", 2, "--silent")
    run("lame", *shape, whole, FOLDER / f"{language}.mp3")
    return clips


def main(console: Console) -> None:
    """Make all files anew."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        console.print(f"missing: {', '.join(missing)}; apt-get install espeak-ng sox lame")
        sys.exit(1)
    with tempfile.TemporaryDirectory() as folder:
        clips = {language: speak(Path(folder), language) for language in VOICES}
    (FOLDER / "clips.json").write_text(json.dumps(clips, separators=(",", ":")) + "\n", "utf-8")
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.mp3"))}
    for name, size in sizes.items():
        console.print(f"{size // 1024:5} KiB  {name}", highlight=False)
    assert sum(sizes.values()) < BYTES_MOST, "the voices are too large"


if __name__ == "__main__":
    main(Console())
