"""Teaching with published cases: unfolding one in stages, a learner's answers, their score, and a class compared."""
