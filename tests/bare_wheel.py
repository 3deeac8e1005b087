"""A core20plus5 installed without extras counts on a server as the engine does: `python -m tests.bare_wheel PROGRAM`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from core20plus5_cli.local_server import local_server
from core20plus5_cli.population import write_sample

ASK = ["--reference-date", "2026-03-31", "--imd-version", "2025", "--by", "imd_quintile"]


def main(program: str) -> None:
    """Count the same people with the program on a server, and here; both files must be the same."""
    packages = subprocess.run([Path(program).parent / "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert "numba" not in packages, "the bare environment is not bare"
    with tempfile.TemporaryDirectory() as folder, local_server() as address:
        people = Path(folder) / "people.parquet"
        write_sample(people, 5_000, 1)
        subprocess.run([program, "count", people, *ASK, "--server", address, "--out", Path(folder) / "served.csv"], check=True)
        here = [sys.executable, "-m", "core20plus5_cli"]
        subprocess.run([*here, "count", people, *ASK, "--out", Path(folder) / "embedded.csv"], check=True)
        assert (Path(folder) / "served.csv").read_bytes() == (Path(folder) / "embedded.csv").read_bytes()
        refused = subprocess.run([program, "count", people, *ASK], capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert "core20plus5[kernels]" in refused.stderr
    sys.stdout.write("a wheel without extras counts on a server\n")


if __name__ == "__main__":
    main(sys.argv[1])
