"""Remote systems, a folder each; `registry` lists them, `shared` has what all of them need."""
