"""Video files: what they are, their frames, single pictures, and the preview a browser can play.

Decoding runs in a child process with limits (:class:`~ergo.video.limits.DecodeLimits`); only that child imports FFmpeg.
It is started for every question asked of a film, so this package imports nothing of its own.
"""
