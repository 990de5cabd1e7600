"""When a part of the body was seen for long enough. On its own, so that the page can know it without loading more."""

ENOUGH = 0.8
"""Share of the video below which a part of the body is called hardly seen."""
