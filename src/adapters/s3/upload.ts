import { createHash } from 'node:crypto';
import type { Client } from 'minio';
import { PART_BYTES } from './client.ts';

/**
 * Parts of an upload of its own. The client's upload of streams takes up any unfinished upload of the same name:
 * two who store the same file at once would mix their parts.
 */
async function uploadInParts(client: Client, bucket: string, key: string, bytes: Buffer): Promise<void> {
  const uploadID = await client.initiateNewMultipartUpload(bucket, key, {
    'Content-Type': 'application/octet-stream',
  });
  try {
    const parts: { part: number; etag: string }[] = [];
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      const piece = bytes.subarray(at, at + PART_BYTES);
      const partNumber = parts.length + 1;
      const headers = { 'Content-MD5': createHash('md5').update(piece).digest('base64') };
      const { etag } = await client.uploadPart(
        { bucketName: bucket, objectName: key, uploadID, partNumber, headers },
        piece,
      );
      parts.push({ part: partNumber, etag });
    }
    await client.completeMultipartUpload(bucket, key, uploadID, parts);
  } catch (error) {
    // The server forgets abandoned parts by itself later; the first error tells more than this one.
    await client.abortMultipartUpload(bucket, key, uploadID).catch(() => undefined);
    throw error;
  }
}

/** Writes an object, in parts when it is large. The server takes every part only under its digest. */
export async function upload(client: Client, bucket: string, key: string, bytes: Uint8Array): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length > PART_BYTES) return uploadInParts(client, bucket, key, buffer);
  await client.putObject(bucket, key, buffer, buffer.length, { 'Content-Type': 'application/octet-stream' });
}

/**
 * What the server calls the content of an object that {@link upload} wrote: MD5, of the parts' MD5s when there are
 * several. Servers that encrypt by keys of their own say something else; then the object counts as another.
 */
export function entityTag(bytes: Uint8Array): string {
  const md5 = (data: Uint8Array) => createHash('md5').update(data);
  if (bytes.length <= PART_BYTES) return md5(bytes).digest('hex');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    parts.push(md5(bytes.subarray(at, at + PART_BYTES)).digest());
  }
  return `${md5(Buffer.concat(parts)).digest('hex')}-${parts.length}`;
}
