"""Settings of the whole test suite."""

from hypothesis import HealthCheck, settings

# The same examples in every run, so that a red run means a change; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
