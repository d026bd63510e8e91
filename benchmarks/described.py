"""Whether the API is as its description says: a long run of schemathesis against a real server.

    python -m benchmarks.described [EXAMPLES_A_PARAMETER] [SEED]

Serves the examples on loopback; ends with the status of schemathesis.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def main(most: str = "100", seed: str = "1") -> int:
    with tempfile.TemporaryDirectory() as folder:
        program = [str(BIN / "parhelion"), "--data", f"{folder}/data"]
        subprocess.run([*program, "ingest", str(ROOT / "examples")], check=True)
        with subprocess.Popen(
            [*program, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().split("http://", 1)[1].split()[0]
                return found(f"http://{address}", folder, most, seed)
            finally:
                server.terminate()


def found(address: str, folder: str, most: str, seed: str) -> int:
    """The status of schemathesis; it says itself what it found."""
    return subprocess.run(
        [
            str(BIN / "schemathesis"), "run", f"{address}/api/openapi.json", "--url", address,
            "--no-color", "--seed", seed, "-n", most,
        ],
        cwd=folder, check=False,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
