"""The pipeline that every run goes through: observe → match → assess → plan → execute.

`observe` asks a system what it shows, `resolve` finds out what came of calls without an answer,
`plan` compares that with what should be (by `match`, `assess` and `plan` in `fleet`), `execute`
does what was planned, one task per side effect, and `converge` repeats it all until nothing is left
to do.
"""
