"""The indicators of the adult ruleset, by name: what each is, and what it should reach."""

from tests.spec.page import draw

# A target is a share. Where higher is better, a measure says so; case finding has no direction.
INDICATORS = draw("""
| name                              | kind         | direction | target
| everyone                          | cohort       |           |
| core20                            | cohort       |           |
| ethnic_minority                   | cohort, PLUS |           |
| ethnic_minority_excluding_white   | cohort       |           |
| learning_disability               | cohort, PLUS |           |
| autism                            | cohort, PLUS |           |
| homeless                          | cohort, PLUS |           |
| drug_alcohol_dependence           | cohort, PLUS |           |
| vulnerable_migrant                | cohort, PLUS |           |
| gypsy_roma_traveller              | cohort, PLUS |           |
| sex_worker                        | cohort, PLUS |           |
| justice_contact                   | cohort, PLUS |           |
| modern_slavery                    | cohort, PLUS |           |
| coastal                           | cohort, PLUS |           |
| multimorbidity                    | cohort, PLUS |           |
| plus_boaters                      | cohort, PLUS |           |
| plus_any                          | cohort       |           |
| core20plus                        | cohort       |           |
| maternity                         | area         |           |
| maternity_continuity              | measure      | higher    |
| smi                               | area         |           |
| smi_alcohol                       | measure      | higher    |
| smi_glucose                       | measure      | higher    |
| smi_bp                            | measure      | higher    |
| smi_bmi                           | measure      | higher    |
| smi_lipids                        | measure      | higher    |
| smi_smoking                       | measure      | higher    |
| smi_full_check                    | measure      | higher    | 0.75
| respiratory                       | area         |           |
| copd_flu_vaccine                  | measure      | higher    |
| copd_pneumococcal_vaccine         | measure      | higher    |
| copd_covid_vaccine                | measure      | higher    |
| cancer                            | area         |           |
| cancer_staged                     | measure      | higher    |
| cancer_early_stage                | measure      | higher    | 0.75
| hypertension                      | area         |           |
| hypertension_bp_recorded          | measure      | higher    |
| hypertension_to_target            | measure      | higher    |
| hypertension_controlled           | measure      | higher    |
| bp_checked_5y                     | measure      | higher    |
| possible_undiagnosed_hypertension | case finding |           |
| cvd                               | supporting   |           |
| cvd_lipid_therapy                 | measure      | higher    |
| cvd_lipids_to_target              | measure      | higher    |
| smoker                            | supporting   |           |
| smoker_supported                  | measure      | higher    |
| any_clinical_area                 | area         |           |
""")
