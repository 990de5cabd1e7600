"""Where videos, jobs and results are kept: one protocol, a folder of this machine or a bucket behind it."""
