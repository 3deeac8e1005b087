"""`python -m core20plus5_service`, which `core20plus5 serve` runs too."""

import asyncio
import os
import sys

from pydantic import ValidationError

from core20plus5.errors import Core20Plus5Error
from core20plus5_service.logs import begin_logging
from core20plus5_service.settings import Settings

#: Of TLS 1.2 those with forward secrecy and authenticated encryption; and all of TLS 1.3.
_SUITES = (
    *("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
    *(f"ECDHE-{kind}-{suite}" for kind in ("ECDSA", "RSA") for suite in ("AES256-GCM-SHA384", "AES128-GCM-SHA256")),
)


def _prepare_grpc() -> None:
    """What gRPC reads from the environment when it is loaded."""
    os.environ["GRPC_SSL_CIPHER_SUITES"] = ":".join(_SUITES)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes past every logger, about each handshake that fails


def main(arguments: list[str] | None = None) -> int:
    """Read the settings, run the server. Returns 0 after a clean stop, 2 where a setting cannot work."""
    _prepare_grpc()
    from core20plus5_service.errors import SetupError  # noqa: PLC0415
    from core20plus5_service.server import serve  # noqa: PLC0415

    try:
        settings = Settings(_cli_parse_args=sys.argv[1:] if arguments is None else arguments)  # type: ignore[call-arg]
        begin_logging(settings.log_format)
        asyncio.run(serve(settings))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            words = problem["msg"].removeprefix("Value error, ")
            # What settings do wrong together begins with the name of one of them.
            name, _, words = (str(problem["loc"][0]), "", words) if problem["loc"] else words.partition(": ")
            sys.stderr.write(f"--{name.replace('_', '-')}: {words}\n")
        return 2
    except (Core20Plus5Error, SetupError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"cannot listen: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
