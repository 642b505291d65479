import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Heading } from './parts/common.tsx';
import { match, route } from './router.tsx';
import { say } from './words.ts';

type ParamsOf<Pattern extends string> = Pattern extends `${infer First}/${infer Rest}`
  ? ParamsOf<First> & ParamsOf<Rest>
  : Pattern extends `:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

type Params = Readonly<Record<string, string>>;
type Drawing = (params: Params, key: string) => JSX.Element;

interface Route {
  readonly pattern: string;
  /** Fetches the page's script; a second call gives the same. */
  readonly load: () => Promise<Drawing>;
}

/** `load` imports a page whose properties are the pattern's own names. */
function page<const Pattern extends string>(
  pattern: Pattern,
  load: () => Promise<ComponentType<ParamsOf<Pattern>>>,
): Route {
  const draw = async (): Promise<Drawing> => {
    const Page = (await load()) as ComponentType<Params>;
    return (params, key) => <Page key={key} {...params} />;
  };
  return { pattern, load: draw };
}

const routes: readonly Route[] = [
  page('', async () => (await import('./pages/fleet.tsx')).FleetPage),
  page('sites/:systemId', async () => (await import('./pages/site.tsx')).SitePage),
  page('sites/:systemId/models', async () => (await import('./pages/models.tsx')).ModelsPage),
  page('jobs', async () => (await import('./pages/jobs.tsx')).JobsPage),
  page('jobs/:jobId', async () => (await import('./pages/job.tsx')).JobPage),
  page('deployments/:deploymentId', async () => (await import('./pages/deployment.tsx')).DeploymentPage),
  page('rollouts', async () => (await import('./pages/rollouts.tsx')).RolloutsPage),
  page('rollouts/:rolloutId', async () => (await import('./pages/rollout.tsx')).RolloutPage),
  page('streams/:streamId', async () => (await import('./pages/stream/stream.tsx')).StreamPage),
  page('alerts', async () => (await import('./pages/alerts.tsx')).AlertsPage),
  page('health', async () => (await import('./pages/health.tsx')).HealthPage),
];

interface Found {
  readonly params: Params;
  readonly route: Route;
}

function find(path: string): Found | null {
  for (const candidate of routes) {
    const params = match(candidate.pattern, path);
    if (params !== null) return { params, route: candidate };
  }
  return null;
}

/** A newer server no longer has the scripts of the page that was loaded before. */
function Outdated() {
  return (
    <section class="card narrow">
      <p role="alert">{say('outdated')}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {say('reload')}
      </button>
    </section>
  );
}

type Loaded = { readonly route: Route; readonly draw: Drawing | null };

/** The page that the address names; the one before stays until its script is there. */
export function CurrentPage() {
  const path = route.value;
  const found = find(path);
  const wanted = found?.route ?? null;
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    let current = true;
    const show = (draw: Drawing | null) => current && setLoaded({ route: wanted, draw });
    wanted.load().then(show, () => show(null));
    return () => {
      current = false;
    };
  }, [wanted]);
  if (found === null) return <Heading title={say('notFound')} />;
  if (loaded?.route !== wanted) return <p aria-busy="true">{say('loading')}</p>;
  return loaded.draw === null ? <Outdated /> : loaded.draw(found.params, path);
}
