import { DEFAULT_TARGET } from '../forecasting/gate.ts';
import type { LoadedSite } from './streams.ts';

/** The site's own target while it is valid, else the default. */
export function targetOf({ stage }: LoadedSite, now: Date): number {
  const target = stage.context.settings?.target ?? null;
  return target !== null && Date.parse(target.expires) > now.getTime() ? target.mape : DEFAULT_TARGET;
}
