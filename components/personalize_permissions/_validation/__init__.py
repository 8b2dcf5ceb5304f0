"""Whether arguments can work: schemas, validators, and the report of what is wrong."""
