import { inProject, list, type Node, readYaml } from './files.ts';

/** The manifests of deploy/kubernetes, read as kustomize would find them. */

const FOLDER = ['deploy', 'kubernetes'] as const;

/** All documents that a kustomization leads to, its own last. */
async function readKustomization(...path: readonly string[]): Promise<readonly Node[]> {
  const [own = {} as Node] = await readYaml(...FOLDER, ...path, 'kustomization.yaml');
  const below = list(own['resources']).map(async (resource) => {
    const name = String(resource);
    const next = [...path, name];
    return name.endsWith('.yaml') ? readYaml(...FOLDER, ...next) : readKustomization(...next);
  });
  return [...(await Promise.all(below)).flat(), own];
}

export const kustomizations = ['overlays/production', 'nats', 'migrate'] as const;
export const folderOf = (kustomization: string): string => inProject(...FOLDER, kustomization);

/** Everything that may run in one cluster. */
export const manifests: readonly Node[] = (
  await Promise.all(kustomizations.map((path) => readKustomization(...path.split('/'))))
).flat();

export const ofKind = (...kinds: readonly string[]): readonly Node[] =>
  manifests.filter((each) => kinds.includes(String(each['kind'])));

export const nameOf = (manifest: Node): string => String(manifest['metadata']?.['name']);

/** What makes pods. */
export const workloads = ofKind('Deployment', 'StatefulSet', 'Job');
export const podOf = (workload: Node): Node => workload['spec']?.['template'] ?? ({} as Node);
export const containersOf = (workload: Node): readonly Node[] =>
  list(podOf(workload)['spec']?.['containers']);

/** Whether labels of a pod are those that a selector asks for. */
export function selects(selector: Node | undefined, pod: Node): boolean {
  const labels = pod['metadata']?.['labels'];
  return Object.entries(selector ?? {}).every(([name, value]) => String(labels?.[name]) === String(value));
}
