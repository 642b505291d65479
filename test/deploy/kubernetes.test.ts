import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Namespace, Service, ServiceAccount } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/main/config.ts';
import { findProgram, versionOf } from '../services/programs.ts';
import { entries, knownSettings, list, type Node } from './files.ts';
import {
  containersOf,
  folderOf,
  kustomizations,
  manifests,
  nameOf,
  ofKind,
  podOf,
  selects,
  workloads,
} from './manifests.ts';

const run = promisify(execFile);
const kubectl = await findProgram(
  'kubectl',
  async (binary) => (await versionOf(binary, 'version', '--client')) !== null,
);

/** What is checked against the schemas that Kubernetes publishes; kustomize reads its own files itself. */
const KINDS = [
  ...[Namespace, Service, ServiceAccount, Deployment, StatefulSet, Job],
  ...[NetworkPolicy, Ingress, HorizontalPodAutoscaler, PodDisruptionBudget],
];
const objects = manifests.filter((each) => String(each['kind']) !== 'Kustomization');

const pods = workloads.map(podOf);
const containers = workloads.flatMap((workload) =>
  containersOf(workload).map((container) => ({ name: nameOf(workload), workload, container })),
);
const portNames = (pod: Node): readonly string[] =>
  list(pod['spec']?.['containers']).flatMap((each) => list(each['ports']).map(({ name }) => String(name)));

/** What the configuration maps hold, base and overlay together. */
const generated = new Map<string, Record<string, string>>();
for (const { name, literals } of ofKind('Kustomization').flatMap((each) =>
  list(each['configMapGenerator']),
)) {
  const pairs = list(literals).map((literal) => /^(\w+)=(.*)$/.exec(String(literal))?.slice(1) ?? []);
  generated.set(String(name), { ...generated.get(String(name)), ...Object.fromEntries(pairs) });
}

/** What a container's setting refers to. */
function referredTo({ configMapKeyRef, secretKeyRef }: Node): string {
  if (configMapKeyRef === undefined) return SECRETS[String(secretKeyRef?.['key'])] ?? 'pod-7d9c';
  const value = generated.get(String(configMapKeyRef['name']))?.[String(configMapKeyRef['key'])];
  if (value === undefined) throw new Error(`no map holds ${JSON.stringify(configMapKeyRef)}`);
  return value;
}

/** A container's settings, as Kubernetes would give them. */
function environmentOf(container: Node): Record<string, string> {
  const maps = list(container['envFrom']).map((each) =>
    generated.get(String(each['configMapRef']?.['name'])),
  );
  const own = list(container['env']).map(({ name, value, valueFrom }) => [
    String(name),
    value === undefined ? referredTo(valueFrom ?? ({} as Node)) : String(value),
  ]);
  return { ...Object.assign({}, ...maps), ...Object.fromEntries(own) };
}

const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://cloud:x@db/lifo4?sslmode=verify-full',
  NATS_URL: 'tls://cloud:x@lifo4-nats:4222',
  MQTT_URL: 'mqtts://lifo4-nats:1883',
};

describe('the manifests', () => {
  it.each(objects.map((object) => ({ kind: String(object['kind']), name: nameOf(object), object })))(
    'hold a $kind $name that Kubernetes accepts',
    ({ kind, object }) => {
      const Kind = KINDS.find((each) => each.kind === kind);
      expect(Kind?.apiVersion).toBe(String(object['apiVersion']));
      expect(() => new (Kind as new (data: object) => { validate(): void })(object).validate()).not.toThrow();
    },
  );

  it('select the pods that they mean', () => {
    for (const workload of ofKind('Deployment', 'StatefulSet'))
      expect(selects(workload['spec']?.['selector']?.['matchLabels'], podOf(workload))).toBe(true);
    const selectors = [
      ...ofKind('Service').map((each) => each['spec']?.['selector']),
      ...ofKind('PodDisruptionBudget').map((each) => each['spec']?.['selector']?.['matchLabels']),
      ...ofKind('NetworkPolicy').map((each) => each['spec']?.['podSelector']?.['matchLabels']),
    ];
    for (const selector of selectors) expect(pods.filter((pod) => selects(selector, pod))).toHaveLength(1);
    for (const { spec } of ofKind('HorizontalPodAutoscaler'))
      expect(ofKind('Deployment').map(nameOf)).toContain(String(spec?.['scaleTargetRef']?.['name']));
  });

  it('lead services and the ingress to ports that are there', () => {
    for (const { spec } of ofKind('Service')) {
      const pod = pods.find((each) => selects(spec?.['selector'], each)) ?? ({} as Node);
      for (const { targetPort } of list(spec?.['ports']))
        expect(portNames(pod)).toContain(String(targetPort));
    }
    const rules = ofKind('Ingress').flatMap((each) => list(each['spec']?.['rules']));
    const backends = rules
      .flatMap((rule) => list(rule['http']?.['paths']))
      .map((path) => path['backend']?.['service']);
    expect(backends).toHaveLength(1);
    const service = ofKind('Service').find((each) => nameOf(each) === String(backends[0]?.['name']));
    const offered = list(service?.['spec']?.['ports']).map((each) => each['name']);
    expect(offered).toContain(backends[0]?.['port']?.['name']);
  });

  it.each(containers)('ask $name how it is where it listens', ({ workload, container }) => {
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].flatMap(
      (name) => container[name] ?? [],
    );
    const asked = probes.map((probe) => String(probe['httpGet']?.['port']));
    expect(portNames(podOf(workload))).toEqual(expect.arrayContaining(asked));
    expect(probes).toHaveLength(list(container['ports']).length > 0 ? 3 : 0);
  });

  it('let policies through to the ports that pods listen on', () => {
    for (const { spec } of ofKind('NetworkPolicy')) {
      const pod = pods.find((each) => selects(spec?.['podSelector']?.['matchLabels'], each)) ?? ({} as Node);
      const open = list(pod['spec']?.['containers']).flatMap((each) => list(each['ports']));
      const allowed = list(spec?.['ingress']).flatMap((each) =>
        list(each['ports']).map((rule) => rule['port']),
      );
      expect(open.map((each) => each['containerPort'])).toEqual(expect.arrayContaining(allowed));
    }
  });

  it('mount what they declare', () => {
    for (const { workload, container } of containers) {
      const claims = list(workload['spec']?.['volumeClaimTemplates']).map(nameOf);
      const declared = list(podOf(workload)['spec']?.['volumes']).map((each) => String(each['name']));
      const mounted = list(container['volumeMounts']).map((each) => String(each['name']));
      expect(mounted.sort()).toEqual([...declared, ...claims].sort());
    }
  });

  it('hold no secret, only its name', () => {
    expect(ofKind('Secret')).toEqual([]);
    const written = [
      ...containers.flatMap(({ container }) =>
        list(container['env']).filter((each) => each['value'] !== undefined),
      ),
      ...[...generated.values()].flatMap((each) => Object.keys(each).map((name) => ({ name }))),
    ];
    for (const { name } of written)
      expect(String(name)).not.toMatch(/KEY$|TOKEN|PASSWORD|DATABASE_URL|NATS_URL/);
  });

  it.each(containers)(
    'run $name without rights, on a file system that stays as it is',
    ({ workload, container }) => {
      const pod = podOf(workload)['spec'];
      expect(pod?.['securityContext']).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod?.['automountServiceAccountToken']).toBe(false);
      expect(container['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container['resources']).toMatchObject({
        requests: { cpu: expect.anything() },
        limits: { memory: expect.anything() },
      });
    },
  );

  it('give nodes settings that they accept, and none that they do not read', () => {
    const nodes = containers.filter(({ name }) => name !== 'lifo4-nats');
    const known = [...knownSettings()];
    for (const { name, container } of nodes) {
      const environment = environmentOf(container);
      for (const setting of Object.keys(environment)) expect(known).toContain(setting);
      expect(() => readConfig(environment), name).not.toThrow();
    }
    const [cloud, worker] = ['lifo4-cloud', 'lifo4-worker'].map((wanted) => {
      const found = nodes.find(({ name }) => name === wanted);
      return readConfig(environmentOf(found?.container ?? ({} as Node)));
    });
    expect(cloud).toMatchObject({
      natsUrl: SECRETS['NATS_URL'],
      publicUrl: 'https://ml.example.com',
      influx: { bucket: 'telemetry' },
    });
    expect(worker?.objectStore).toEqual(cloud?.objectStore);
    expect(worker?.database.url).toBe(cloud?.database.url);
  });

  it('refer to maps that are generated', () => {
    const named = containers.flatMap(({ container }) => list(container['envFrom']));
    for (const each of named) expect([...generated.keys()]).toContain(String(each['configMapRef']?.['name']));
    expect(entries(Object.fromEntries(generated) as unknown as Node)).toHaveLength(2);
  });
});

describe.skipIf(kubectl === null)('kustomize', () => {
  it.each(kustomizations)('builds %s', async (path) => {
    const { stdout } = await run(kubectl ?? '', ['kustomize', folderOf(path)]);
    expect(stdout).toContain('kind: ');
  });
});
