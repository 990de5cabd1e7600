"""Rendered work scenes with exact truth, for training and for benchmarks.

    from scenes.scene import make
    for frame in make("train", 17, mocap=Path("bvh")).frames(slice(0, None, 6)):
        frame.rgb, frame.K, frame.T_cam_world, frame.joints_m, frame.xy_px, frame.visible

A worker of random shape and clothes (the free body of ``assets/body``, CC0) does one of the tasks of ``tasks.py`` or
moves as in a recording (``recorded.py``; CMU motion capture is free for all uses, the Xsens box picking is MIT) in a
room with clutter, things in the way and others, seen by a camera that stands, is held or turns. ``truth.py`` writes
clips that ``benchmarks/accuracy.py`` reads. ``held-out`` has tasks, recordings and people of its own and is never
tuned on.
"""
