"""The verbs of the command line, by theme. Each is thin: it reads, calls, and writes; imports wait until it runs."""
