"""Decodes a segmentation with pydicom and numpy: prints one line per frame: position, then the SHA-256 of its pixels as bytes."""
import hashlib
import sys

import numpy
import pydicom

seg = pydicom.dcmread(sys.argv[1])
rows, columns, frames = seg.Rows, seg.Columns, int(seg.NumberOfFrames)
pixels = seg.pixel_array.reshape(frames, rows, columns)
for group, frame in zip(seg.PerFrameFunctionalGroupsSequence, pixels):
    position = group.PlanePositionSequence[0].ImagePositionPatient
    digest = hashlib.sha256(frame.astype(numpy.uint8).tobytes()).hexdigest()
    print("\\".join(str(float(v)) for v in position), digest)
