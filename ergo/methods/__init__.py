"""Published scoring methods, each usable alone: ``from ergo.methods import rula; rula.score(...)``."""
