"""Runs the pages' pure functions outside a browser, in the node that the tests bring.

One node serves the whole run; it is asked one thing at a time and ends with us.
"""

import atexit
import json
import subprocess
from functools import cache
from typing import Any

from tests.chromium import node_program
from tests.process import ROOT

WEB = ROOT / "clients" / "web"
SERVER = """
import { createInterface } from 'node:readline';
globalThis.document = { documentElement: { dir: 'ltr' } };
const load = (name) => import(`${process.argv[1]}/${name}`);
const Script = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  const { script, values } = JSON.parse(line);
  let answer;
  try {
    const names = Object.keys(values);
    answer = { value: await new Script('load', ...names, script)(load, ...Object.values(values)) };
  } catch (error) {
    answer = { error: error.stack };
  }
  console.log(JSON.stringify(answer));
}
"""


@cache
def _node() -> subprocess.Popen[str]:
    node = subprocess.Popen(
        [str(node_program()), "--input-type=module", "--eval", SERVER, WEB.as_uri()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, node)
    return node


def _end(node: subprocess.Popen[str]) -> None:
    """Leaving closes its pipes, upon which it ends, and waits for that."""
    with node:
        pass


def run(script: str, **values: Any) -> Any:
    """The value that a script returns. `values` are its variables; `load(name)` loads a module.

    Raises AssertionError with what went wrong in it.
    """
    node = _node()
    assert node.stdin
    assert node.stdout
    node.stdin.write(json.dumps({"script": script, "values": values}) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    assert "error" not in answer, answer["error"]
    return answer.get("value")
