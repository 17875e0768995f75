// What every reader here answers with: per file the frames that have a voxel, each with its plane in patient LPS mm
// (centre of the first pixel, step to the next column, step to the next row) and its voxels that are not 0.
import { writeFileSync } from 'node:fs';

export function frame(origin, columnStep, rowStep, columns, values) {
  const indices = [], nonzero = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) {
      indices.push(i);
      nonzero.push(values[i]);
    }
  }
  return { origin: [...origin], columnStep: [...columnStep], rowStep: [...rowStep], columns, indices, values: nonzero };
}

/** Runs `read` on every file of the command line `OUT.json FILE...` and writes what it answers. */
export async function readAll(read) {
  const [out, ...files] = process.argv.slice(2);
  const answers = [];
  for (const file of files) {
    try {
      answers.push({ file, frames: (await read(file)).filter(f => f.indices.length > 0) });
    } catch (error) {
      answers.push({ file, error: String(error?.message ?? error), frames: [] });
    }
  }
  writeFileSync(out, JSON.stringify(answers));
  process.exit(0);
}
