"""The commands of the service's README, as they stand: from nothing to mutual TLS, and a question asked over it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from core20plus5_cli.population import sample_people
from core20plus5_client import Client, secure
from tests.e2e.process import environment, running_server
from tests.programs import program
from tests.readme_settings import README

BLOCKS = dict(re.findall(r"<!-- commands: ([\w-]+) -->\n```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL))


def test_from_nothing_to_mutual_tls(tmp_path: Path) -> None:
    program("openssl", "openssl")
    pq.write_table(pa.Table.from_batches(list(sample_people(5_000, 1))), tmp_path / "people.parquet")
    *prepare, serve = BLOCKS["tls"].strip().splitlines()
    subprocess.run(["sh", "-euc", "\n".join(prepare)], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert serve.startswith("core20plus5 serve --listen 127.0.0.1:50443 ")
    flags = [str(tmp_path / word) if Path(tmp_path, word).exists() else word for word in shlex.split(serve)[4:]]
    with running_server(*flags) as server:
        address = server.listen.replace("127.0.0.1", "localhost")
        command = shlex.split(BLOCKS["tls-client"].replace("localhost:50443", address))
        asked = [sys.executable, "-m", "core20plus5_cli", *command[1:]]
        done = subprocess.run(asked, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        files = (tmp_path / "ca.crt", tmp_path / "warehouse.crt", tmp_path / "warehouse.key")
        with Client(address, credentials=secure(*files)) as client:
            assert client.server_info().rights == ("count", "flags")  # exact counts need --allow-exact as well
        assert any('"who": "warehouse", "method": "CountCohorts"' in line for line in server.lines)
    assert pyarrow.csv.read_csv(tmp_path / "counts.csv").num_rows > 0
