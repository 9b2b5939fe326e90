"""What users must expect to go wrong: it is told in a sentence, and never as a traceback."""


class ExpectedError(Exception):
    """Its message says in plain words what is wrong and what to do, and holds no secret.

    For example: "No roster was given. Paste the CSV text, or give a path or URL of a file."
    """
