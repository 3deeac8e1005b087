"""Core20PLUS5 counts and flags in Spark, cell by cell: for a notebook, or for `python` where you have a Spark."""

# %% A session. On a platform there is one already, and this finds it.
import tempfile
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from core20plus5_cli.population import write_sample
from core20plus5_spark import count_cohorts, flag_patients

spark = SparkSession.builder.appName("core20plus5").getOrCreate()

# %% One row per person, facts as at the reference date. Yours come from a table: spark.table("population.person_facts")
folder = Path(tempfile.mkdtemp())
write_sample(folder / "people.parquet", people=20_000, seed=1)
people = spark.read.parquet(str(folder / "people.parquet"))
print(people.count(), "people,", len(people.columns), "columns")

# %% Counts by deprivation quintile. Only columns that are asked about leave Spark; a small row comes back from each partition.
result = count_cohorts(
    people,
    reference_date=date(2026, 3, 31),
    imd_version="2025",
    strata=["imd_quintile"],
    plus_groups=["learning_disability", "autism"],
)

# %% Every row is accounted for.
ledger = result.provenance
print(ledger["rows_received"], "received =", ledger["rows_counted"], "counted +", ledger["rows_excluded"])
assert ledger["rows_received"] == ledger["rows_counted"] + sum(ledger["rows_excluded"].values())

# %% The counts are released: 1 to 7 hidden, others to the nearest 5. They are safe to keep as a table; spark.sql reads them.
spark.createDataFrame(result.counts.to_pandas()).createOrReplaceTempView("core20plus5_counts")
rates = spark.sql("""
    select imd_quintile, yes, no, unknown, round(100 * yes / (yes + no), 1) as percent
    from core20plus5_counts
    where cohort = 'everyone' and indicator = 'hypertension_controlled'
    order by imd_quintile
""")
rates.show()

# %% What was wrong with the values, by column.
for finding in result.quality.slice(0, 5).to_pylist():
    print(finding)

# %% Flags, one row for each person: personal data, to be joined with your own tables by person_id.
asked = ["core20", "hypertension_controlled"]
flagged = flag_patients(people, reference_date=date(2026, 3, 31), imd_version="2025", indicators=asked)
to_review = flagged.flags.where("core20 = 'yes' and hypertension_controlled = 'no'")
print(people.join(to_review, "person_id").groupBy("icb_code").count().count(), "systems have people to call")
