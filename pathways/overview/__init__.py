"""A cohort's results counted: causes, statuses, flow, red flags, rules, groups, agreement with labels, and changes."""
