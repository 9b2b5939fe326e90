"""One Hypothesis profile: laws have no deadline, because a busy machine breaks no law."""

from hypothesis import settings

settings.register_profile("fleet", deadline=None, max_examples=60)
settings.load_profile("fleet")
