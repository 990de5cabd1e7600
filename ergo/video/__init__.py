"""Video files: what they are, their frames, single pictures, and the preview a browser can play.

Decoding runs in a child process with limits (:class:`DecodeLimits`); only that child imports FFmpeg.
"""

from ergo.video.grabbing import grab_frame, grab_frames
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame, Stretch
from ergo.video.probing import probe
from ergo.video.reading import FrameReader, read_frames

__all__ = [
    "DecodeLimits",
    "DecodeSettings",
    "Frame",
    "FrameReader",
    "Stretch",
    "grab_frame",
    "grab_frames",
    "join_previews",
    "probe",
    "read_frames",
]
