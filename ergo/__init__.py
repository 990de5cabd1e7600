"""Ergo: from a video of a person at work to a moving SMPL-X body and ergonomic assessments."""

__version__ = "0.1.0"
