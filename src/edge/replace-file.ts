import { dirname } from 'node:path';
import type { Files } from './files.ts';

/** Replaces a file whole: its bytes are on the disk before it takes the place, so a reader sees the old one or the new. */
export async function replaceFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await files.remove(temporary);
  const file = await files.append(temporary);
  try {
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, path);
  await files.syncFolder(dirname(path));
}
