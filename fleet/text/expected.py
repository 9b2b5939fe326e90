"""An expected error: a user sees its sentence and never a traceback."""


class ExpectedError(Exception):
    """Its message says in plain words what is wrong and what to do. It holds no secret.

    For example: "No roster was given. Paste the CSV text, or give the path or URL of a file."
    """
