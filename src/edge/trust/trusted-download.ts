import type { Download } from '../download.ts';
import type { Trust } from './trust.ts';

/** A download that begins only once the file is known to be signed for this device: no byte is spent on another. */
export const trustedDownload =
  (trust: Trust, download: Download): Download =>
  async (target, signal, onProgress) => {
    await trust.approve(target, signal);
    return download(target, signal, onProgress);
  };
