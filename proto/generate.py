"""Generate the Python code of the wire: `python proto/generate.py`, with proto/requirements.txt installed.

The wire package is core20plus5.v1; the Python package is core20plus5_proto.v1, since core20plus5 is the engine. protoc derives
the Python package from the file's path alone, so the code is generated from a copy under that path, its imports changed to match.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).parent
OUT = PROTO / "gen"


def main() -> None:
    """Replace everything in proto/gen/core20plus5_proto/v1 by what the .proto files say now."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "core20plus5_proto" / "v1"
        source.mkdir(parents=True)
        for file in (PROTO / "core20plus5" / "v1").glob("*.proto"):
            text = file.read_text(encoding="utf-8")
            (source / file.name).write_text(text.replace('import "core20plus5/', 'import "core20plus5_proto/'), encoding="utf-8")
        shutil.rmtree(OUT / "core20plus5_proto" / "v1", ignore_errors=True)
        files = sorted(str(file) for file in source.glob("*.proto"))
        options = [f"--{kind}_out={OUT}" for kind in ("python", "pyi", "grpc_python")]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", *options, *files], check=True)
    (OUT / "core20plus5_proto" / "v1" / "__init__.py").touch()
    for file in (OUT / "core20plus5_proto" / "v1").glob("*_pb2_grpc.py"):
        if file.name != "service_pb2_grpc.py":  # the others have no service
            file.unlink()


if __name__ == "__main__":
    main()
