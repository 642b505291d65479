import { checkRoot } from '../../ota/tuf/read.ts';
import type { TrustStore } from '../../ports/trust-store.ts';

/**
 * Publishes the next root, from which devices and signers go on. Answers its version. Rejects with `UnusableRoot`; a
 * root that is published already, as it is, is published once.
 */
export async function publishRoot(store: TrustStore, text: string): Promise<number> {
  const last = await store.latest('root');
  if (last?.body === text) return last.version;
  const root = checkRoot(text, last?.body ?? null);
  const isFirst = await store.add([{ role: 'root', ...root, body: text }]);
  // Another node published one in between: hold it against that one.
  return isFirst ? root.version : publishRoot(store, text);
}
