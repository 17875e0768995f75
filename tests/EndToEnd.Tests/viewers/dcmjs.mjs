// dcmjs, the parser of many web viewers: its own data set, its own unpacking of bits.
import { readFileSync } from 'node:fs';
import dcmjs from 'dcmjs';
import { frame, readAll } from './frames.mjs';

const { DicomMessage, DicomMetaDictionary, BitArray } = dcmjs.data;

await readAll(async file => {
  const bytes = readFileSync(file);
  const message = DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const seg = DicomMetaDictionary.naturalizeDataset(message.dict);
  const size = seg.Rows * seg.Columns;
  const stored = new Uint8Array(Array.isArray(seg.PixelData) ? seg.PixelData[0] : seg.PixelData);
  const pixels = seg.SegmentationType === 'BINARY' ? BitArray.unpack(stored) : stored;
  const item = sequence => Array.isArray(sequence) ? sequence[0] : sequence;
  const shared = item(seg.SharedFunctionalGroupsSequence);
  const o = item(shared.PlaneOrientationSequence).ImageOrientationPatient.map(Number);
  const [between, along] = item(shared.PixelMeasuresSequence).PixelSpacing.map(Number);
  const groups = [].concat(seg.PerFrameFunctionalGroupsSequence);
  return groups.map((group, n) => frame(
    item(group.PlanePositionSequence).ImagePositionPatient.map(Number),
    o.slice(0, 3).map(v => v * along), o.slice(3).map(v => v * between), seg.Columns,
    pixels.subarray(n * size, (n + 1) * size)));
});
