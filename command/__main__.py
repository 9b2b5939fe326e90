"""`python -m command` is `muster`, where Muster is not installed."""

from command.muster import main

main()
