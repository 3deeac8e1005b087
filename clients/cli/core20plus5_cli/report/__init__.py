"""The report: one page of HTML about where the gaps are, from released counts alone."""
