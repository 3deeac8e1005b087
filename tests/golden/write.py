"""Write the frozen messages anew: `python -m tests.golden.write`. Old ones are a promise: add cases, and change none."""

import sys

from tests.golden import files
from tests.golden.asked import cases
from tests.service.in_process import local_server


def main() -> None:
    files.FOLDER.mkdir(exist_ok=True)
    with local_server(allow_exact=True) as local, local.channel() as channel:
        for name, (method, messages) in cases().items():
            # Maps have no order of their own on the wire; without this, every writing would give other bytes.
            requests = [message.SerializeToString(deterministic=True) for message in messages]
            kind = files.REPLIES[method]
            replies = [kind.FromString(content) for content in files.replay(channel, method, requests)]
            files.write(name, requests, [reply.SerializeToString(deterministic=True) for reply in replies])
            sys.stdout.write(f"{name}: {len(requests)} requests, {len(replies)} replies\n")


if __name__ == "__main__":
    main()
