"""Rotations between directions, frames of gravity and the pinhole camera."""
