"""The exports of other products that are known: a YAML file for each, which people may add to."""
