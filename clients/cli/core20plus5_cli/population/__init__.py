"""A made-up English population, the same for the same seed: something to try the engine on that is nobody's data.

Every prevalence, gap and fault of it is a setting in ``assumptions.toml``, with its unit and source.
"""

from core20plus5_cli.population.deprivation import LsoaTable
from core20plus5_cli.population.sample import sample_people, sample_schema
from core20plus5_cli.population.write import write_sample

__all__ = ["LsoaTable", "sample_people", "sample_schema", "write_sample"]
