"""The sounds, rendered and measured in the browser, sample by sample: no ear is needed."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.pages import NOT_KNOWN, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

Json = dict[str, Any]
MEASURE = """
async ([name, seconds]) => {
  const { PATTERNS, RATE, looped, patternBuffer } = await import('/web/sound.js');
  const context = new OfflineAudioContext(1, seconds * RATE, RATE);
  const source = looped(context.destination, patternBuffer(context, name));
  source.start();
  const { times, cycle } = PATTERNS[name];
  if (times) source.stop(times * cycle / 1000);
  const heard = (await context.startRendering()).getChannelData(0);
  // Where it is loud: the largest of each ten milliseconds.
  const step = RATE / 100;
  const pulses = [];
  let open = null;
  for (let at = 0; at < heard.length; at += step) {
    const part = heard.subarray(at, at + step);
    const peak = part.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    const ms = at / RATE * 1000;
    if (peak > 0.02 && open === null) open = ms;
    if (peak <= 0.02 && open !== null) { pulses.push([open, ms - open]); open = null; }
  }
  return pulses;
}
"""
SPECTRUM = """
async (name) => {
  const { PATTERNS, RATE, samples } = await import('/web/sound.js');
  const [start, length, hertz] = PATTERNS[name].pulses[0];
  const whole = samples(PATTERNS[name], RATE);
  // The steady middle of the first pulse.
  const from = Math.round((start + length * 0.3) / 1000 * RATE);
  const part = whole.subarray(from, from + Math.round(length * 0.4 / 1000 * RATE));
  const power = (f) => {
    let [re, im] = [0, 0];
    part.forEach((value, n) => {
      re += value * Math.cos(2 * Math.PI * f * n / RATE);
      im += value * Math.sin(2 * Math.PI * f * n / RATE);
    });
    return 20 * Math.log10(Math.hypot(re, im));
  };
  const peak = Math.max(...part.map(Math.abs));
  const rise = whole.subarray(0, Math.round(length / 1000 * RATE))
    .findIndex((value) => Math.abs(value) > 0.9 * peak) / RATE * 1000;
  const levels = [1, 2, 3, 4, 5].map((n) => power(n * hertz));
  return { hertz, levels, between: power(1.5 * hertz), rise };
}
"""
VOICES = """
async () => {
  const { load, numberClips, spoken, rounds } = await import('/web/voice/voice.js');
  const { RATE } = await import('/web/sound.js');
  const told = {};
  for (const language of ['en', 'nl']) {
    const clips = await load(language);
    const seconds = [];
    for (let number = 1; number <= 99; number += 1) {
      const whole = spoken(['drill', 'booth', ...numberClips(number, language)], clips);
      seconds.push(whole.length / RATE);
    }
    const loud = [...clips].map(([name, part]) =>
      [name, part.length / RATE, part.reduce((most, one) => Math.max(most, Math.abs(one)), 0)]);
    const one = spoken(['booth', '12'], clips);
    const line = rounds([one]);
    told[language] = {
      longest: Math.max(...seconds), loud, first: line.findIndex((value) => value !== 0) / RATE,
      last: line.findLastIndex((value) => value !== 0) / RATE, whole: line.length / RATE,
    };
  }
  return told;
}
"""


async def opened(house: House) -> Page:
    """A page that may load our scripts."""
    house.windows.forgive(NOT_KNOWN)
    return await house.open("/pair")


async def pulses(page: Page, name: str, seconds: int) -> list[tuple[int, int]]:
    """Each pulse that is heard: its start and its length in ms, to ten."""
    return [(round(at), round(long)) for at, long in await page.evaluate(MEASURE, [name, seconds])]


async def test_an_alarm_is_ten_pulses_three_and_two_twice_every_6_4_seconds(house: House) -> None:
    heard = await pulses(await opened(house), "alarm", 12)
    half = [0, 250, 500, 1000, 1250]
    burst = [*half, *(at + 2000 for at in half)]
    wanted = [*burst, *(at + 6400 for at in burst)]
    assert len(heard) == 20
    for (at, long), start in zip(heard, wanted, strict=True):
        assert at == pytest.approx(start, abs=20)
        assert 120 <= long <= 160
    assert heard[9][0] + heard[9][1] == pytest.approx(3400, abs=20)


async def test_the_other_patterns_have_their_times_and_their_ends(house: House) -> None:
    page = await opened(house)
    assert [at for at, _ in await pulses(page, "soft", 21)] == pytest.approx(
        [0, 10000, 20000], abs=20
    )
    fault = [at for at, _ in await pulses(page, "fault", 130)]
    wanted = [each + pulse for each in (0, 30000, 60000) for pulse in (0, 400, 800)]
    assert fault == pytest.approx(wanted, abs=20)
    assert [at for at, _ in await pulses(page, "info", 20)] == pytest.approx([0, 400], abs=20)
    breaths = [at for at, _ in await pulses(page, "breath", 12)]
    assert breaths == pytest.approx([0, 5000, 10000], abs=20)


@pytest.mark.parametrize(
    ("name", "hertz", "long"),
    [
        ("alarm", 523, 150),
        ("soft", 523, 150),
        ("fault", 392, 200),
        ("info", 330, 200),
        ("test", 330, 200),
    ],
)
async def test_a_tone_has_four_harmonics_within_fifteen_decibels(
    house: House, name: str, hertz: int, long: int
) -> None:
    told: Json = await (await opened(house)).evaluate(SPECTRUM, name)
    assert told["hertz"] == hertz
    strongest = max(told["levels"])
    assert all(strongest - level <= 15 for level in told["levels"]), told
    assert told["between"] < strongest - 15
    assert 300 <= hertz * 5 <= 4000
    assert 0.1 * long <= told["rise"] <= 0.2 * long


async def test_every_place_to_99_is_said_between_two_bursts_in_both_languages(
    house: House,
) -> None:
    told: Json = await (await opened(house)).evaluate(VOICES)
    for language, heard in told.items():
        assert heard["longest"] <= 6.4 - 3.5, language
        assert heard["first"] == pytest.approx(3.5, abs=0.02)
        assert heard["last"] <= 6.4
        assert heard["whole"] == 12.8, "after every second burst"
        assert len(heard["loud"]) >= 33
        for name, seconds, peak in heard["loud"]:
            assert 0.1 <= seconds <= 1.6, (language, name)
            assert peak > 0.3, (language, name)
