"""The instructions of a Dockerfile as a shell script, for `unshare --mount sh`: no engine is needed.

Each stage has a root of its own, laid over this machine's, which stands in for the base image.
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One FROM and what follows it."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all_of(self, instruction: str) -> list[str]:
        """The arguments of each instruction of a kind."""
        return [text for name, text in self.steps if name == instruction]


def read(text: str) -> list[Stage]:
    """The stages of a Dockerfile, with its instructions in order."""
    lines = re.sub(r"\\\n\s*", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    stages: list[Stage] = []
    for line in filter(str.strip, lines.splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            stages.append(Stage(rest.partition(" AS ")[2] or "final"))
        else:
            stages[-1].steps.append((name, rest.strip()))
    return stages


def environment(stage: Stage) -> dict[str, str]:
    """The variables of a stage."""
    pairs = [pair.partition("=") for text in stage.all_of("ENV") for pair in shlex.split(text)]
    return {name: value for name, _, value in pairs}


def command(stage: Stage, instruction: str) -> list[str]:
    """The words of ENTRYPOINT, or of the command of HEALTHCHECK."""
    found: list[str] = json.loads(re.sub(r"^.*?(?=\[)", "", stage.all_of(instruction)[-1]))
    return found


def build_script(stages: list[Stage], context: Path, folder: Path) -> str:
    """Mounts and fills the root of each stage: folder/NAME/root."""
    return "\n".join(["set -eu", *(line for stage in stages for line in _stage(stage, context, folder))])


def _stage(stage: Stage, context: Path, folder: Path) -> list[str]:
    top = folder / stage.name
    root, workdir = top / "root", "/"
    lines = [
        f"mkdir -p {root} {top}/upper {top}/work",
        f"mount -t overlay overlay -o lowerdir=/,upperdir={top}/upper,workdir={top}/work {root}",
        f"mount -t proc proc {root}/proc; mount --rbind /dev {root}/dev; mount -t tmpfs tmpfs {root}/tmp",
        # The base image has its Python under this name; the machine's own may be in the home of somebody else.
        f"ln -sf /usr/bin/python3 {root}/usr/local/bin/python",
    ]
    for name, text in stage.steps:
        if name == "WORKDIR":
            workdir = text
            lines.append(f"mkdir -p {root}{workdir}")
        elif name == "COPY":
            lines += _copy(text, context, folder, root, workdir)
        elif name == "RUN":
            lines.append(f"chroot {root} env PATH=/usr/local/bin:/usr/bin:/bin sh -euc {shlex.quote(f'cd {workdir}; {text}')}")
    return lines


def _copy(text: str, context: Path, folder: Path, root: Path, workdir: str) -> list[str]:
    words = text.split()
    source = context
    if words[0].startswith("--from="):
        source = folder / words.pop(0).removeprefix("--from=") / "root"
    *names, target = words
    place = root / target.lstrip("/") if target.startswith("/") else root / workdir.lstrip("/") / target
    if len(names) == 1 and not target.endswith("/") and not Path(source, names[0].lstrip("/")).is_file():
        return [f"mkdir -p {place} && cp -a {source}/{names[0].lstrip('/')}/. {place}/"]
    return [f"mkdir -p {place} && cp -a {' '.join(f'{source}/{name}' for name in names)} {place}/"]


def run_script(stage: Stage, folder: Path, *more: str) -> str:
    """Runs the image as an engine would: its user, its variables, nothing to write to but its volumes; until SIGTERM."""
    root = folder / stage.name / "root"
    variables = environment(stage)
    path = variables["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in (variables | {"PATH": path}).items())
    user = stage.all_of("USER")[-1].partition(":")[0]
    inside = f"setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
    volumes = [f"mount -t tmpfs -o uid={user},gid={user},mode=700 tmpfs {root}{place}" for place in stage.all_of("VOLUME")]
    run = f"chroot {root} {inside} env -i {given}"
    health = " ".join(map(shlex.quote, command(stage, "HEALTHCHECK")))
    return "\n".join(
        [
            f"mount -o remount,ro {root}",
            *volumes,
            f"{run} sh -c 'touch /opt/core20plus5/x /usr/x /x 2>/dev/null' && exit 9",  # there is nothing to write to
            f"{run} {' '.join(map(shlex.quote, [*command(stage, 'ENTRYPOINT'), *more]))} &",
            "server=$!; trap 'kill -TERM $server' TERM",
            f"until {run} {health} 2>/dev/null; do kill -0 $server || exit 8; sleep 0.5; done",
            "echo HEALTHY",
            "wait $server || true; wait $server; echo EXIT $?",
        ]
    )
