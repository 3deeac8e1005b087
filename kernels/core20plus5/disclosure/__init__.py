"""The exit. The policies can be read without NumPy; `release` applies them."""

from core20plus5.disclosure.policies import POLICIES, Policy

__all__ = ["POLICIES", "Policy"]
