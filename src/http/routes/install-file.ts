import { Readable } from 'node:stream';
import { TargetNotSigned } from '../../cloud/desired-state.ts';
import { carriedMetadata, MetadataIncomplete } from '../../cloud/trust/carried-metadata.ts';
import { installFileHeader } from '../../ota/install-file.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { callerOf, needs, reaches } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';
import { ModelParams } from '../schemas/common.ts';
import { RestoreBody } from '../schemas/deployments.ts';
import { noSite } from '../visible.ts';

const DESCRIPTION = `Opens a deployment of the version, as a restore does, or takes the one that is on offer to the site's device already, and answers all that the device asks for before it installs a model, in one file to be carried to it: the signed assignment, the signed metadata and the model. \`install-file-until\` says when the first of its signatures ends; from then on the device refuses it.`;

type InstallFileDependencies = Pick<HttpDependencies, 'control' | 'trust' | 'artifacts'>;

async function* fileOf(header: Uint8Array, artifacts: ArtifactStore, checksum: string) {
  yield header;
  yield* await artifacts.read(checksum);
}

function inAMoment(error: unknown): never {
  if (error instanceof TargetNotSigned) throw new Problem(503, 'not-signed-yet', error.message);
  if (error instanceof MetadataIncomplete) throw new Problem(503, 'not-signed-yet', error.message);
  throw error;
}

/** `POST …/models/{version}/install-file`: a model for a device that the network does not reach. */
export const installFileRoute =
  ({ control, trust, artifacts }: InstallFileDependencies) =>
  async (app: App): Promise<void> => {
    app.post(
      '/ml/systems/:systemId/models/:version/install-file',
      {
        config: { access: needs('ml:deploy'), refusals: [404, 409, 410, 422, 503] },
        schema: {
          tags: ['models'],
          operationId: 'exportModel',
          summary: 'Deploy a version by a file that is carried to the device',
          description: DESCRIPTION,
          params: ModelParams,
          body: RestoreBody,
          response: answers({ 200: mediaAnswer('The file.', 'application/octet-stream') }),
        },
      },
      async (request, reply) => {
        const person = personOf(request);
        const { params, body } = request;
        if (!reaches(person, params.systemId)) throw noSite(params.systemId);
        const { modelType, replace = false } = body ?? {};
        const asked = { ...params, replace, ...(modelType === undefined ? {} : { modelType }) };
        const carried = await control.carryModel(callerOf(person), asked).catch(inAMoment);
        const { files, until } = await carriedMetadata(trust, carried.target).catch(inAMoment);
        const header = installFileHeader(carried.assignment, files);
        const { checksum, size } = carried.artifact;
        const ends = Math.min(Date.parse(carried.expires), until?.getTime() ?? Number.POSITIVE_INFINITY);
        reply
          .header('location', `/api/v1/ml/deployments/${carried.deploymentId}`)
          .header('install-file-until', new Date(ends).toISOString())
          .header('content-length', header.length + size)
          .header('cache-control', 'private, no-store')
          .type('application/octet-stream');
        return reply.send(Readable.from(fileOf(header, artifacts, checksum), { objectMode: false }));
      },
    );
  };
