"""From a patient's facts to causes and a plan."""
