"""The rule base and the machinery that runs it: language, knowledge, engines. Knows no medicine in its code."""
