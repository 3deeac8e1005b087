"""The gRPC server around the engine. Read `servicer.py` first."""
