"""Flags: the plan of a request, and its answers for a block of people."""

from core20plus5.flags.evaluate import Flags, Program, evaluate
from core20plus5.flags.plan import Plan, make_plan

__all__ = ["Flags", "Plan", "Program", "evaluate", "make_plan"]
