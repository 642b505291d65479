import { request } from 'node:http';
import { installFileHeader } from '../../src/ota/install-file.ts';

/** What a file that is carried to a device is made of; a thief leaves out or exchanges any of it. */
export interface CarriedParts {
  readonly assignment: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly model: Uint8Array;
}

export const carriedFile = ({ assignment, metadata, model }: CarriedParts): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([installFileHeader(assignment, metadata), model]));

/** The signed metadata that a cloud serves by now. */
export const metadataOf = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries(
    [...files]
      .filter(([path]) => path.startsWith('/tuf/'))
      .map(([path, bytes]) => [path.slice('/tuf/'.length), Buffer.from(bytes).toString('utf8')]),
  );

/** Sends a file to a device and goes on for ever, until it is answered or cut off. */
export const pour = (
  port: number,
  token: string,
  start: Uint8Array,
): Promise<number | undefined | 'cut off'> =>
  new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
    const sent = request({ port, host: '127.0.0.1', path: '/install', method: 'POST', headers });
    const more = Buffer.alloc(1_000_000);
    const pump = () => {
      while (!sent.destroyed && sent.write(more));
    };
    sent.on('drain', pump).on('error', () => resolve('cut off'));
    sent.on('response', ({ statusCode }) => {
      sent.destroy();
      resolve(statusCode);
    });
    sent.write(start);
    pump();
  });
