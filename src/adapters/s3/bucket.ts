import type { Client } from 'minio';
import type { Logger } from 'pino';
import { ARCHIVE_DAYS } from '../../ports/artifact-store.ts';
import { codeOf } from './errors.ts';

/** Objects here are removed by the bucket's own rule; everything else stays. */
export const ARCHIVED_PREFIX = 'archived/';
export const KEPT_PREFIX = 'artifacts/';

const RULE_ID = 'lifo4-archived';

interface Rule {
  readonly ID?: string;
  readonly Status?: string;
  readonly Prefix?: string;
  readonly Filter?: { readonly Prefix?: string; readonly And?: { readonly Prefix?: string } };
  readonly Expiration?: { readonly Days?: number | string; readonly Date?: string };
}

const OURS: Rule & { readonly ID: string } = {
  ID: RULE_ID,
  Status: 'Enabled',
  Filter: { Prefix: ARCHIVED_PREFIX },
  Expiration: { Days: ARCHIVE_DAYS },
};

const prefixOf = ({ Prefix, Filter }: Rule): string => Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';

const isOurs = (rule: Rule): boolean =>
  rule.Status === 'Enabled' &&
  prefixOf(rule) === ARCHIVED_PREFIX &&
  Number(rule.Expiration?.Days) === ARCHIVE_DAYS;

/** A rule of somebody else's that would remove models that run. */
const threatens = (rule: Rule): boolean =>
  rule.Status === 'Enabled' &&
  rule.Expiration !== undefined &&
  (KEPT_PREFIX.startsWith(prefixOf(rule)) || prefixOf(rule).startsWith(KEPT_PREFIX));

/** The bucket's rules as the server gives them: one alone comes without a list. */
async function rulesOf(client: Client, bucket: string): Promise<readonly Rule[]> {
  try {
    const found: { readonly Rule?: Rule | readonly Rule[] } | null = await client.getBucketLifecycle(bucket);
    return [found?.Rule ?? []].flat();
  } catch (error) {
    if (codeOf(error) === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}

async function setRule(client: Client, bucket: string, others: readonly Rule[]): Promise<void> {
  const rules = others
    .filter(({ ID }) => ID !== RULE_ID)
    .map((rule, index) => ({ ...rule, ID: rule.ID ?? `rule-${index}` }));
  // The client's type knows no plain day count, the server does.
  await client.setBucketLifecycle(bucket, { Rule: [...rules, OURS] } as Parameters<
    Client['setBucketLifecycle']
  >[1]);
}

async function makeBucket(client: Client, bucket: string, region: string, logger: Logger): Promise<void> {
  try {
    await client.makeBucket(bucket, region);
    logger.info({ bucket }, 'bucket made');
  } catch (error) {
    // Another node was quicker.
    if (codeOf(error) !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

/**
 * Makes the bucket and its rule when they are absent; other rules stay. A login that may not see the rules is let
 * through with a warning, since a careful operator may have set them. Throws the client's own errors.
 */
export async function prepareBucket(
  client: Client,
  bucket: string,
  region: string,
  logger: Logger,
): Promise<void> {
  try {
    const rules = await rulesOf(client, bucket).catch(async (error: unknown) => {
      if (codeOf(error) !== 'NoSuchBucket') throw error;
      await makeBucket(client, bucket, region, logger);
      return [];
    });
    for (const rule of rules.filter(threatens)) {
      logger.error(
        { bucket, rule: rule.ID },
        'a lifecycle rule of this bucket removes models that run: remove the rule',
      );
    }
    if (!rules.some(isOurs)) await setRule(client, bucket, rules);
  } catch (error) {
    if (codeOf(error) !== 'AccessDenied' || !(await client.bucketExists(bucket))) throw error;
    logger.warn(
      { bucket },
      `the lifecycle rules of this bucket cannot be seen or set: make sure that ${ARCHIVED_PREFIX} expires after ${ARCHIVE_DAYS} days, and nothing else`,
    );
  }
}
