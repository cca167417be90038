"""Ways to a case: a blank to fill in, questions in a terminal, table rows, FHIR."""
