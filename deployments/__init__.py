"""Where, when and with what: the demo, the whole system on one machine, and prefect.yaml."""
