import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; answers the first that had to be made, or null. Node's own recursive mkdir
 * never ends where the system refuses new folders as if their parent were missing, as below /proc.
 */
export async function makeFolders(path: string): Promise<string | null> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return null;
    if (code !== 'ENOENT' || (await stat(dirname(path)).catch(() => null)) !== null) throw error;
  }
  const first = await makeFolders(dirname(path));
  const own = await makeFolders(path);
  return first ?? own;
}
