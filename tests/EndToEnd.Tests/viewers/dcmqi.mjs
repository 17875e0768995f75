// dcmqi, the reader of 3D Slicer, compiled to WebAssembly: an ITK image of labels.
import { readSegmentationNode } from '@itk-wasm/dicom';
import { frame, readAll } from './frames.mjs';

await readAll(async file => {
  const { segImage: image } = await readSegmentationNode(file);
  const [columns, rows, slices] = image.size;
  // ITK's direction matrix is row-major; its columns are the axes.
  const step = axis => [0, 1, 2].map(i => image.direction[3 * i + axis] * image.spacing[axis]);
  const [columnStep, rowStep, sliceStep] = [step(0), step(1), step(2)];
  return Array.from({ length: slices }, (_, slice) => frame(
    image.origin.map((o, i) => o + slice * sliceStep[i]), columnStep, rowStep, columns,
    image.data.subarray(slice * rows * columns, (slice + 1) * rows * columns)));
});
