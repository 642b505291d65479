import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates {
  /** File of the issuer that clients are told to trust. */
  readonly ca: string;
  /** Files of the server. */
  readonly certificate: string;
  readonly key: string;
}

/** An issuer of the tests' own and a server's certificate for `name` (`IP:127.0.0.1` or `DNS:…`), made with openssl. */
export async function makeCertificates(folder: string, name: string): Promise<Certificates> {
  const file = (base: string): string => join(folder, base);
  const openssl = (...args: readonly string[]) => run('openssl', [...args]);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...fresh,
    '-days',
    '2',
    '-subj',
    '/CN=lifo4 test issuer',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  await openssl(
    'req',
    ...fresh,
    '-subj',
    '/CN=lifo4 test server',
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
  );
  await writeFile(file('server.ext'), `subjectAltName = ${name}\n`);
  const issuer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
  await openssl(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...issuer,
    '-days',
    '2',
    '-extfile',
    file('server.ext'),
    '-out',
    file('server.pem'),
  );
  return { ca: file('ca.pem'), certificate: file('server.pem'), key: file('server.key') };
}
