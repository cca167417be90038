"""A whole table of cases at once: judged column by column, with the same results as one case at a time."""
