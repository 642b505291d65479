import { address, BadSetting, type Environment, noneWithout, secret, text } from './read.ts';

/** S3, MinIO or the like. */
export interface ObjectStoreSettings {
  /** Without a path or a trailing slash. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

const OTHERS = ['S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_REGION'];
const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

function bucketOf(env: Environment): string {
  const bucket = text(env, 'S3_BUCKET') ?? 'lifo4-ml';
  if (!BUCKET.test(bucket))
    throw new BadSetting(
      'S3_BUCKET',
      'write 3 to 63 lower-case letters, digits and hyphens, such as lifo4-ml',
    );
  return bucket;
}

/** Null while `S3_ENDPOINT` is left out. Throws {@link BadSetting}. */
export function readObjectStore(env: Environment): ObjectStoreSettings | null {
  const written = address(env, 'S3_ENDPOINT', ['http:', 'https:']);
  if (written === null) return noneWithout(env, 'S3_ENDPOINT', OTHERS);
  const { origin, pathname } = new URL(written);
  if (pathname !== '/') throw new BadSetting('S3_ENDPOINT', `write the address alone, such as ${origin}`);
  return {
    endpoint: origin,
    bucket: bucketOf(env),
    accessKey: secret(env, 'S3_ACCESS_KEY', 'S3_ENDPOINT'),
    secretKey: secret(env, 'S3_SECRET_KEY', 'S3_ENDPOINT'),
    region: text(env, 'S3_REGION') ?? 'us-east-1',
  };
}
