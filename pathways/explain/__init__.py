"""Asking an assessment: why, why not, what is settled, what to ask next, what if, and what differs."""
