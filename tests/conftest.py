"""Settings of the whole test suite."""

import os

# Before gRPC is loaded. Spark's launcher forks; where another thread is in a call just then, what gRPC does in the child ends it.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

from hypothesis import HealthCheck, settings

# The same examples in every run, so that a red run means a change; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
