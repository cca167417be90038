"""Readers of one rule base: the Kleene reference, durable-rules, Polars, and proofs."""
