"""The way in: `core20plus5`, or `python -m core20plus5_cli`."""

import sys
from io import TextIOWrapper

from core20plus5_cli.app import app


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show must not stop an answer
    app(prog_name="core20plus5")


if __name__ == "__main__":
    main()
