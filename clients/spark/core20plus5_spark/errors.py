"""Errors that only a cluster can have. All others are the engine's own."""

from core20plus5.errors import Core20Plus5Error


class EngineVersionError(Core20Plus5Error):
    """The driver and an executor have different versions of the engine; whoever runs the cluster must install one."""

    code = "engine_version_mismatch"
