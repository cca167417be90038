"""The same judgement of a table inside Spark, for input that outgrows one machine.

`run` drives, `session` starts Spark, `storage` handles files where Spark keeps them, `survey` finds out what comes in,
and `work` is what each worker does with its share: the same reading, screening and judging as on one machine.
"""
