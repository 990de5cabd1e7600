"""From landmarks in a picture to a moving SMPL-X body in a gravity-aligned world."""
