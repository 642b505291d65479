import { createHash } from 'node:crypto';
import type { RolloutRules } from '../../events/rollout-plan.ts';
import type { SiteDocument } from '../../projections/documents.ts';
import type { Caller } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { Invalid, NotFound } from '../refusals.ts';
import { candidateOf } from './candidates.ts';
import type { RolloutPlan, RolloutRequest, StageWish } from './request.ts';

type Dependencies = Pick<CloudDependencies, 'readModels' | 'log'>;
type Wished = NonNullable<RolloutRequest['sites']>[number];

const MOST_SITES = 10_000;
const PAGE = 500;
/** Sites whose versions are looked up at the same time: the database answers them together. */
const AT_ONCE = 32;
/** How long lists may take to catch up with what was just registered or trained. */
const PATIENCE_MS = 2_000;
const SITE_HINT = 'list your sites with GET /api/v1/systems';

const countOf = (wish: StageWish, total: number): number =>
  Math.min(total, 'sites' in wish ? wish.sites : Math.ceil(wish.share * total));

function nameOf(wish: StageWish): string {
  if ('share' in wish) return wish.share >= 1 ? 'all' : `${Math.round(wish.share * 10_000) / 100} %`;
  return wish.sites === 1 ? '1 site' : `${wish.sites} sites`;
}

/** The stages that a fleet of this size has: one that adds no site is none. */
function stagesOf(wishes: readonly StageWish[], total: number): RolloutRules['stages'] {
  const stages: RolloutRules['stages'] = [];
  for (const wish of wishes) {
    const upTo = countOf(wish, total);
    if (upTo > (stages.at(-1)?.upTo ?? 0)) stages.push({ name: nameOf(wish), upTo });
  }
  return stages;
}

/** A mixed order that is always the same for a site, so that the first is not the first of the alphabet each time. */
const mixed = (systemId: string): string => createHash('sha256').update(systemId).digest('hex');

async function everySite({ readModels }: Dependencies, tenant: string): Promise<readonly SiteDocument[]> {
  const found: SiteDocument[] = [];
  let cursor: string | undefined;
  do {
    const query = { tenant, status: 'registered', limit: PAGE, cursor };
    const page = await readModels.list<SiteDocument>('sites', query);
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length <= MOST_SITES);
  return found;
}

async function namedSite(
  { readModels }: Dependencies,
  { tenant }: Caller,
  systemId: string,
): Promise<SiteDocument> {
  const site = await readModels.get<SiteDocument>('sites', systemId);
  if (site === null || site.tenant !== tenant || site.status !== 'registered')
    throw new NotFound('site', systemId, SITE_HINT);
  return site;
}

/** Works on some at a time, in their order. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE)
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  return results;
}

/** The sites asked for, each with the wish for it. Throws {@link NotFound} and {@link Invalid}. */
async function sitesOf(cloud: Dependencies, caller: Caller, { sites, zone }: RolloutRequest) {
  if (sites !== null) {
    const wishes = new Map<string, Wished>(sites.map((wish) => [wish.systemId, wish]));
    if (wishes.size < sites.length)
      throw new Invalid('site-twice', 'A site is listed twice: name each once, in the order that you want.');
    return inTurns(sites, async (wish) => ({ site: await namedSite(cloud, caller, wish.systemId), wish }));
  }
  const all = (await everySite(cloud, caller.tenant)).filter((site) => zone === null || site.zone === zone);
  return all
    .map((site) => ({ site, wish: { systemId: site.systemId } as Wished, place: mixed(site.systemId) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** What the rollout would do now. Throws {@link NotFound} and {@link Invalid}. */
export async function planRollout(
  cloud: Dependencies,
  caller: Caller,
  request: RolloutRequest,
): Promise<RolloutPlan> {
  const head = await cloud.log.headSeq();
  await Promise.all(['sites', 'models'].map((list) => cloud.readModels.caughtUp(list, head, PATIENCE_MS)));
  const asked = await sitesOf(cloud, caller, request);
  if (asked.length > MOST_SITES)
    throw new Invalid('too-many-sites', `A rollout has at most ${MOST_SITES} sites: make one for each zone.`);
  const found = await inTurns(asked, ({ site, wish }) => candidateOf(cloud, site, wish));
  const sites = found.flatMap((each) => ('version' in each ? [each] : []));
  const left = found.flatMap((each) => ('reason' in each ? [each] : []));
  return { rules: { ...request.rules, stages: stagesOf(request.stages, sites.length) }, sites, left };
}
