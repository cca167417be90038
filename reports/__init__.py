"""Telling an assessment: terminal, page, paper, data."""
