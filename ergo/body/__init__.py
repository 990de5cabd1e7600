"""The body: its skeleton, its shapes, its skin, and the files it comes from."""
