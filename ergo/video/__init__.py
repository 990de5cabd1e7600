"""Video files: what they are, their frames, single pictures, and the preview a browser can play.

Decoding runs in a child process with limits (:class:`DecodeLimits`); only that child imports FFmpeg.
"""

from ergo.video.footage import Elsewhere, Footage, Here
from ergo.video.grabbing import grab_frame, grab_frames
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame, Stretch
from ergo.video.probing import probe, probe_places
from ergo.video.reading import FrameReader, read_frames

__all__ = [
    "DecodeLimits",
    "DecodeSettings",
    "Elsewhere",
    "Footage",
    "Frame",
    "FrameReader",
    "Here",
    "Stretch",
    "grab_frame",
    "grab_frames",
    "join_previews",
    "probe",
    "probe_places",
    "read_frames",
]
